import { describe, expect, it } from "vitest";
import type { SourceType } from "~/api/schema";
import { snippets, suiting } from "./snippets";

const PLAIN = { url: "http://127.0.0.1:8080", writeKey: "wk_shop" };
const TLS = { url: "https://cdp.example.com", writeKey: "wk_shop" };
const TYPES: SourceType[] = ["javascript", "server", "ios", "android", "mobile", "http", "pixel"];

function code(id: string, target = TLS): string {
  return snippets("http", target).find((each) => each.id === id)?.code ?? "";
}

describe("snippets", () => {
  it.each(TYPES)("gives all of them for %s, each once, those that suit it first", (type) => {
    const ids = snippets(type, TLS).map((each) => each.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(20);
    expect(suiting(type)).toBeGreaterThan(1);
  });

  it("has the key and the host in every one", () => {
    for (const each of snippets("server", TLS)) {
      expect(each.code, each.id).toContain("wk_shop");
      expect(each.code, each.id).toContain("cdp.example.com");
      expect(each.code, each.id).not.toContain("segment.com");
    }
  });

  it("says that an SDK needs https only where there is none", () => {
    const told = (target: typeof TLS) =>
      snippets("ios", target)
        .filter((each) => each.notes.some((note) => note.includes("https only")))
        .map((each) => each.id);
    expect(told(PLAIN).sort()).toEqual(["csharp", "flutter", "kotlin", "php", "swift"]);
    expect(told(TLS)).toEqual([]);
  });

  it("tells hosts as each SDK takes them", () => {
    expect(code("ruby", PLAIN)).toContain('host: "127.0.0.1", port: 8080, ssl: false');
    expect(code("ruby")).toContain('host: "cdp.example.com", port: 443, ssl: true');
    expect(code("swift")).toContain('.cdnHost("cdp.example.com/v1")');
    expect(code("php", PLAIN)).toContain('"127.0.0.1:8080"');
    expect(code("rust", PLAIN)).toContain(
      'HttpClient::new(reqwest::Client::new(), "http://127.0.0.1:8080".to_owned())',
    );
    expect(code("dotnet")).toContain('new Config().SetHost("https://cdp.example.com")');
    expect(code("android-classic")).toContain('super.openConnection("https://cdp.example.com" + Uri');
    expect(code("ios-classic", PLAIN)).toContain(
      'components.host = @"127.0.0.1";\n  components.port = @8080;',
    );
    expect(code("ios-classic")).not.toContain("components.port");
    expect(code("ios-classic-swift")).toContain('components.scheme = "https"');
    expect(code("curl")).toContain("curl https://cdp.example.com/v1/track -u wk_shop:");
  });

  it("escapes what stands in an address", () => {
    expect(code("pixel", { ...TLS, writeKey: "a&b" })).toContain("writeKey=a%26b");
  });
});
