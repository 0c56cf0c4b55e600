"""The five dialects."""

import re
from typing import Final

from sqlglot import exp

from headwater.definitions.sql.dialect import ITEM, Dialect, Predicate
from headwater.definitions.sql.expressions import (
    Expr,
    call,
    cast,
    column,
    compared,
    equal,
    number,
    one_of,
    text,
    when,
)

_PLAIN: Final = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)


class DuckDb(Dialect):
    name = "duckdb"
    string = ("VARCHAR",)
    numeric = ("UBIGINT", "BIGINT", "DOUBLE")
    boolean = ("BOOLEAN",)
    array = ("ARRAY",)
    object = ("OBJECT",)
    null = ("NULL",)
    whole = "HUGEINT"
    whole_max = 10**21

    def member(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSON_EXTRACT", json, self._path(segments)) if segments else json

    def kind(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSON_TYPE", json, *([self._path(segments)] if segments else []))

    def scalar(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSON_EXTRACT_STRING", json, self._path(segments))

    def any_item(self, json: Expr, segments: tuple[str, ...], test: Predicate) -> Expr:
        items = self.unnested(self.member(json, segments))
        return exp.Exists(this=exp.select("1").from_(items).where(test(column(ITEM))))

    def length_of_list(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSON_ARRAY_LENGTH", self.member(json, segments))

    def unnested(self, json: Expr) -> Expr:
        is_list = one_of(self.kind(json, ()), self.array)
        return _unnest(cast(when((is_list, json), otherwise=text("[]")), "JSON[]"))

    def shortest(self, value: Expr) -> Expr:
        return cast(self.double(value), "TEXT")  # as Python writes it: 1e-09

    def utf8_length(self, value: Expr) -> Expr:
        return call("STRLEN", value)

    def has_text(self, texts: Expr, value: Expr) -> Expr:
        return call("LIST_CONTAINS", texts, value)

    def milliseconds(self, value: Expr) -> Expr:
        return call("EPOCH_MS", cast(value, "TIMESTAMPTZ", safe=True))

    def _path(self, segments: tuple[str, ...]) -> Expr:
        return text("$" + "".join(f".{_member_name(name)}" for name in segments))


class ClickHouse(Dialect):
    """JSON is a String here, and texts that are cut out of it stay JSON."""

    name = "clickhouse"
    string = ("String",)
    numeric = ("Int64", "UInt64", "Double")
    boolean = ("Bool",)
    array = ("Array",)
    object = ("Object",)
    null = ("Null",)

    def member(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSONExtractRaw", json, *map(text, segments)) if segments else json

    def kind(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return cast(call("JSONType", json, *map(text, segments)), "TEXT")

    def scalar(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        is_text = one_of(self.kind(json, segments), self.string)
        return when((is_text, self.characters(json, segments)), otherwise=self.written(json, segments))

    def characters(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSONExtractString", json, *map(text, segments))

    def written(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return self.member(json, segments)

    def any_item(self, json: Expr, segments: tuple[str, ...], test: Predicate) -> Expr:
        return call("arrayExists", _function(test), self._list(json, segments))

    def length_of_list(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSONLength", json, *map(text, segments))

    def unnested(self, json: Expr) -> Expr:
        raise NotImplementedError  # lists are unfolded by a function among the columns: `items`

    def items(self, relation: str, name: str) -> exp.Select:
        unfolded = call("arrayJoin", self._list(column(name), ()))
        return exp.select("profile_id", exp.alias_(unfolded, ITEM)).from_(relation)

    def double(self, value: Expr) -> Expr:
        return call("toFloat64OrNull", value)

    def billionths(self, value: Expr) -> Expr:
        # A cast would cut the tenth place off; rounding a decimal takes halves away from zero.
        exact = call("round", call("toDecimal256OrNull", value, number(30)), number(9))
        return cast(exact, "DECIMAL(38, 9)")

    def lower(self, value: Expr) -> Expr:
        return call("lowerUTF8", value)

    def upper(self, value: Expr) -> Expr:
        return call("upperUTF8", value)

    def utf8_length(self, value: Expr) -> Expr:
        return call("length", value)

    def sorted_texts(self, value: Expr) -> Expr:
        return call("arraySort", call("groupArray", value))

    def are_there(self, texts: Expr) -> Expr:
        return call("notEmpty", texts)

    def has_text(self, texts: Expr, value: Expr) -> Expr:
        return call("has", texts, value)

    def joined(self, value: Expr, end: str) -> Expr:
        return call("concat", value, text(end))

    def milliseconds(self, value: Expr) -> Expr:
        return call(
            "toUnixTimestamp64Milli", call("parseDateTime64BestEffortOrNull", value, number(3), text("UTC"))
        )

    def finished(self, query: exp.Select) -> exp.Select:
        # Without the first, what an outer join does not find is 0 or an empty text, not null; without the second,
        # a name means what it is given in the same SELECT, not the column.
        names = ("join_use_nulls", "prefer_column_name_to_alias")
        query.set("settings", [equal(exp.to_identifier(name), number(1)) for name in names])
        return query

    def _list(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        """Lists cannot be null."""
        return call("JSONExtractArrayRaw", call("ifNull", json, text("")), *map(text, segments))


class BigQuery(Dialect):
    name = "bigquery"
    string = ("string",)
    numeric = ("number",)
    boolean = ("boolean",)
    array = ("array",)
    object = ("object",)
    null = ("null",)

    def member(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        for name in segments:
            json = exp.Bracket(this=json.copy(), expressions=[text(name)])
        return json

    def kind(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSON_TYPE", self.member(json, segments))

    def scalar(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSON_VALUE", self.member(json, segments))

    def any_item(self, json: Expr, segments: tuple[str, ...], test: Predicate) -> Expr:
        items = self.unnested(self.member(json, segments))
        return exp.Exists(this=exp.select("1").from_(items).where(test(column(ITEM))))

    def length_of_list(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("ARRAY_LENGTH", call("JSON_QUERY_ARRAY", self.member(json, segments)))

    def unnested(self, json: Expr) -> Expr:
        return _unnest(call("JSON_QUERY_ARRAY", json))

    def utf8_length(self, value: Expr) -> Expr:
        return call("BYTE_LENGTH", value)

    def has_text(self, texts: Expr, value: Expr) -> Expr:
        return exp.In(this=value.copy(), unnest=exp.Unnest(expressions=[texts.copy()]))

    def milliseconds(self, value: Expr) -> Expr:
        with_seconds = self.replaced(value, "^(.{16})([Z+-])", "\\1:00\\2")
        return call("UNIX_MILLIS", cast(with_seconds, "TIMESTAMPTZ", safe=True))


class Snowflake(Dialect):
    name = "snowflake"
    string = ("VARCHAR",)
    numeric = ("INTEGER", "DECIMAL", "DOUBLE")
    boolean = ("BOOLEAN",)
    array = ("ARRAY",)
    object = ("OBJECT",)
    null = ("NULL_VALUE",)

    def member(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        for name in segments:
            json = call("GET", json, text(name))
        return json

    def kind(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("TYPEOF", self.member(json, segments))

    def scalar(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("TO_VARCHAR", self.member(json, segments))

    def any_item(self, json: Expr, segments: tuple[str, ...], test: Predicate) -> Expr:
        items = call("AS_ARRAY", self.member(json, segments))
        return compared(">", call("ARRAY_SIZE", call("FILTER", items, _function(test))), number(0))

    def length_of_list(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("ARRAY_SIZE", call("AS_ARRAY", self.member(json, segments)))

    def unnested(self, json: Expr) -> Expr:
        return _unnest(call("AS_ARRAY", json))

    def double(self, value: Expr) -> Expr:
        return call("TRY_TO_DOUBLE", value)

    def billionths(self, value: Expr) -> Expr:
        return call("TRY_TO_DECIMAL", value, number(38), number(9))

    def utf8_length(self, value: Expr) -> Expr:
        return call("OCTET_LENGTH", value)

    def has_text(self, texts: Expr, value: Expr) -> Expr:
        return call("ARRAY_CONTAINS", call("TO_VARIANT", value), texts)

    def milliseconds(self, value: Expr) -> Expr:
        return call("DATE_PART", exp.Var(this="EPOCH_MILLISECOND"), call("TRY_TO_TIMESTAMP_TZ", value))


class Postgres(Dialect):
    """`pg_input_is_valid` needs version 16. JSON is jsonb."""

    name = "postgres"
    string = ("string",)
    numeric = ("number",)
    boolean = ("boolean",)
    array = ("array",)
    object = ("object",)
    null = ("null",)

    def member(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        for name in segments:
            json = exp.JSONExtract(this=json.copy(), expression=text(name), only_json_types=True)
        return json

    def kind(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSONB_TYPEOF", self.member(json, segments))

    def scalar(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return exp.JSONBExtractScalar(this=exp.paren(self.member(json, segments)), expression=text("{}"))

    def any_item(self, json: Expr, segments: tuple[str, ...], test: Predicate) -> Expr:
        items = self.unnested(self.member(json, segments))
        return exp.Exists(this=exp.select("1").from_(items).where(test(column(ITEM))))

    def length_of_list(self, json: Expr, segments: tuple[str, ...]) -> Expr:
        return call("JSONB_ARRAY_LENGTH", self.member(json, segments))

    def unnested(self, json: Expr) -> Expr:
        is_list = one_of(self.kind(json, ()), self.array)
        items = call("JSONB_ARRAY_ELEMENTS", when((is_list, json), otherwise=cast(text("[]"), "JSONB")))
        return exp.Table(this=items, alias=_item_alias())

    def billionths(self, value: Expr) -> Expr:
        return cast(value, "DECIMAL(38, 9)")

    def double(self, value: Expr) -> Expr:
        return cast(value, "DOUBLE")

    def ends_with(self, value: Expr, part: Expr) -> Expr:
        end = exp.Right(this=value.copy(), expression=exp.Length(this=part.copy()))
        return equal(end, part)

    def utf8_length(self, value: Expr) -> Expr:
        return call("OCTET_LENGTH", value)

    def by_code_point(self, value: Expr) -> Expr:
        return exp.Collate(this=value.copy(), expression=exp.to_identifier("C", quoted=True))

    def sorted_texts(self, value: Expr) -> Expr:
        ordered = exp.Ordered(this=self.by_code_point(value))
        return call("ARRAY_AGG", exp.Order(this=value.copy(), expressions=[ordered]))

    def has_text(self, texts: Expr, value: Expr) -> Expr:
        return equal(value, exp.Any(this=exp.paren(texts)))

    def milliseconds(self, value: Expr) -> Expr:
        epoch = exp.Extract(this=exp.Var(this="EPOCH"), expression=cast(value, "TIMESTAMPTZ"))
        valid = call("PG_INPUT_IS_VALID", value, text("timestamptz"))
        return when((valid, cast(exp.Mul(this=epoch, expression=number(1000)), "BIGINT")))


DIALECTS: Final[dict[str, Dialect]] = {
    dialect.name: dialect for dialect in (DuckDb(), ClickHouse(), BigQuery(), Snowflake(), Postgres())
}


def _member_name(name: str) -> str:
    """In DuckDB's paths."""
    if _PLAIN.match(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _function(test: Predicate) -> Expr:
    return exp.Lambda(this=test(column(ITEM)), expressions=[exp.to_identifier(ITEM)])


def _item_alias() -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier("items"), columns=[exp.to_identifier(ITEM)])


def _unnest(items: Expr) -> Expr:
    return exp.Unnest(expressions=[items], alias=_item_alias())
