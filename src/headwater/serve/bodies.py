"""What the OpenAPI document says about bodies that handlers read themselves."""

from dataclasses import dataclass

from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
)


@dataclass
class WorkspaceFile(Operation):
    """Takes a workspace file."""

    def __post_init__(self) -> None:
        content = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        self.request_body = RequestBody({"application/yaml": content}, "A workspace file.", required=True)


@dataclass
class EditedEvent(Operation):
    """May take an event."""

    def __post_init__(self) -> None:
        content = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT))
        description = "The event that takes the place of the one that was sent."
        self.request_body = RequestBody({"application/json": content}, description, required=False)


@dataclass
class DefinitionBody(Operation):
    """Takes a trait or an audience."""

    def __post_init__(self) -> None:
        content = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT))
        description = (
            "The definition as the workspace file has it, without its key; or `query`, text in Segment's query "
            "language; or, of an audience, the condition alone. What it does not say about name and destinations "
            "stays as it is."
        )
        self.request_body = RequestBody({"application/json": content}, description, required=True)


def part_of_file(schema: str, *, required: bool = True) -> type[Operation]:
    """Takes a part of the workspace file: `schema` is what the document calls it, because some answer has it. It
    is read as `apply` reads the file, and every mistake is told, so it is none of the handler's typed parameters.
    """

    @dataclass
    class PartOfFile(Operation):
        def __post_init__(self) -> None:
            content = OpenAPIMediaType(schema=Reference(ref=f"#/components/schemas/{schema}"))
            description = (
                "As the workspace file has it. What is left out is as it is there: by default. A mask stands for "
                "the secret that is stored."
            )
            self.request_body = RequestBody({"application/json": content}, description, required=required)

    return PartOfFile
