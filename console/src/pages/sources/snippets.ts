/**
 * What one writes into a website, a server or an app so that its events come here: docs/guides/sdks.md, with the host
 * and the key filled in. Pure text.
 */

import type { SourceType } from "~/api/schema";

export interface Target {
  /** Where SDKs send: `https://cdp.example.com`. */
  url: string;
  writeKey: string;
}

export interface Snippet {
  id: string;
  label: string;
  /** How it is installed, if it has to be. */
  install?: string;
  code: string;
  /** What is surprising about it. */
  notes: string[];
}

interface Recipe {
  label: string;
  install?: string;
  /** It refuses plain http. */
  needsTls?: boolean;
  notes?: string[];
  code: (target: Target) => string;
}

/** `cdp.example.com`, with its port when it is not the usual one. */
function host({ url }: Target): string {
  return new URL(url).host;
}

const RECIPES: Record<string, Recipe> = {
  snippet: {
    label: "JavaScript snippet",
    notes: [
      "Put it in the `head` of every page. Calls made before the script loads are queued.",
      "If you use a Content Security Policy, add the host to `script-src` and `connect-src`.",
    ],
    code: ({ url, writeKey }) => `<script>
  (function (calls) {
    var analytics = (window.analytics = window.analytics || []);
    if (analytics.initialize || analytics.invoked) return;
    analytics.invoked = true;
    analytics._writeKey = "${writeKey}";
    calls.split(" ").forEach(function (call) {
      analytics[call] = function () {
        analytics.push([call].concat(Array.prototype.slice.call(arguments)));
        return analytics;
      };
    });
    var script = document.createElement("script");
    script.async = true;
    script.src = "${url}/analytics.js/v1/${writeKey}/analytics.min.js";
    document.head.appendChild(script);
    analytics.page();
  })("track page identify group alias screen ready reset on once off debug setAnonymousId addSourceMiddleware");
</script>`,
  },
  npm: {
    label: "npm",
    install: "npm install @segment/analytics-next",
    notes: ["`cdnURL` is enough: the settings it fetches say where to send events."],
    code: ({ url, writeKey }) => `import { AnalyticsBrowser } from "@segment/analytics-next";

export const analytics = AnalyticsBrowser.load({
  writeKey: "${writeKey}",
  cdnURL: "${url}",
});

analytics.track("Order Completed", { total: 42 });`,
  },
  node: {
    label: "Node",
    install: "npm install @segment/analytics-node",
    code: ({ url, writeKey }) => `import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "${writeKey}", host: "${url}" });
analytics.track({ userId: "ann", event: "Order Completed", properties: { total: 42 } });
await analytics.closeAndFlush();`,
  },
  python: {
    label: "Python",
    install: "pip install segment-analytics-python",
    notes: ["Events are queued: call `shutdown()` at the end of short scripts, or they are lost."],
    code: ({ url, writeKey }) => `import segment.analytics as analytics

analytics.write_key = "${writeKey}"
analytics.host = "${url}"
analytics.track("ann", "Order Completed", {"total": 42})
analytics.shutdown()`,
  },
  go: {
    label: "Go",
    install: "go get github.com/segmentio/analytics-go/v3",
    code: ({ url, writeKey }) => `client, err := analytics.NewWithConfig("${writeKey}", analytics.Config{
	Endpoint: "${url}",
})
if err != nil {
	log.Fatal(err)
}
defer client.Close()

client.Enqueue(analytics.Track{
	UserId:     "ann",
	Event:      "Order Completed",
	Properties: analytics.NewProperties().Set("total", 42),
})`,
  },
  java: {
    label: "Java",
    install: "com.segment.analytics.java:analytics:3.+",
    notes: ["`endpoint` adds the path `/v1/import/`; `setUploadURL` is used as is."],
    code: ({ url, writeKey }) => `Analytics analytics = Analytics.builder("${writeKey}")
    .endpoint("${url}")
    .build();

analytics.enqueue(TrackMessage.builder("Order Completed")
    .userId("ann")
    .properties(Map.of("total", 42)));
analytics.flush();`,
  },
  ruby: {
    label: "Ruby",
    install: "gem install analytics-ruby",
    notes: ["The host is a bare name; scheme and port are separate options."],
    code: ({ url, writeKey }) => {
      const { hostname, port, protocol } = new URL(url);
      const tls = protocol === "https:";
      return `require "segment/analytics"

analytics = Segment::Analytics.new(
  write_key: "${writeKey}",
  host: "${hostname}", port: ${port || (tls ? 443 : 80)}, ssl: ${tls}
)
analytics.track(user_id: "ann", event: "Order Completed", properties: { total: 42 })
analytics.flush`;
    },
  },
  php: {
    label: "PHP",
    install: "composer require segmentio/analytics-php",
    needsTls: true,
    notes: ["The host is a bare name: the SDK always uses https."],
    code: (target) => `use Segment\\Segment;

Segment::init("${target.writeKey}", ["host" => "${host(target)}"]);
Segment::track([
    "userId" => "ann",
    "event" => "Order Completed",
    "properties" => ["total" => 42],
]);
Segment::flush();`,
  },
  dotnet: {
    label: ".NET",
    install: "dotnet add package Analytics",
    notes: ["This is Analytics.NET. For the newer Analytics-CSharp, choose C#."],
    code: ({ url, writeKey }) => `using Segment;
using Segment.Model;

Analytics.Initialize("${writeKey}", new Config().SetHost("${url}"));
Analytics.Client.Track("ann", "Order Completed", new Properties() { { "total", 42 } });
Analytics.Client.Flush();`,
  },
  csharp: {
    label: "C#",
    install: "dotnet add package Segment.Analytics.CSharp",
    needsTls: true,
    notes: ["This is Analytics-CSharp. For the older Analytics.NET, choose .NET."],
    code: (target) => `var configuration = new Configuration("${target.writeKey}",
    apiHost: "${host(target)}/v1",
    cdnHost: "${host(target)}/v1");
var analytics = new Analytics(configuration);

analytics.Identify("ann");
analytics.Track("Order Completed", new JsonObject { ["total"] = 42 });
analytics.Flush();`,
  },
  rust: {
    label: "Rust",
    install: "cargo add analytics serde_json && cargo add reqwest@0.9",
    notes: [
      "The second argument of `HttpClient::new` is the full address, without a path.",
      "`send` blocks until it has a response. To send many events, collect them in `analytics::batcher::Batcher`.",
    ],
    code: ({ url, writeKey }) => `use analytics::client::Client;
use analytics::http::HttpClient;
use analytics::message::{Message, Track, User};
use serde_json::json;

let client = HttpClient::new(reqwest::Client::new(), "${url}".to_owned());
client.send("${writeKey}", &Message::Track(Track {
    user: User::UserId { user_id: "ann".to_owned() },
    event: "Order Completed".to_owned(),
    properties: json!({ "total": 42 }),
    ..Default::default()
}))?;`,
  },
  swift: {
    label: "Swift",
    install: "https://github.com/segmentio/analytics-swift",
    needsTls: true,
    notes: [
      "Set both hosts, with `/v1` and without a scheme: the settings it fetches at startup override `apiHost`.",
    ],
    code: (target) => `import Segment

let configuration = Configuration(writeKey: "${target.writeKey}")
    .apiHost("${host(target)}/v1")
    .cdnHost("${host(target)}/v1")
let analytics = Analytics(configuration: configuration)

analytics.track(name: "Order Completed", properties: ["total": 42])`,
  },
  kotlin: {
    label: "Kotlin",
    install: 'implementation("com.segment.analytics.kotlin:android:1.+")',
    needsTls: true,
    notes: [
      "Set both hosts, with `/v1` and without a scheme: the settings it fetches at startup override `apiHost`.",
    ],
    code: (target) => `val analytics = Analytics("${target.writeKey}", applicationContext) {
    apiHost = "${host(target)}/v1"
    cdnHost = "${host(target)}/v1"
}

analytics.track("Order Completed", buildJsonObject { put("total", 42) })`,
  },
  "ios-classic": {
    label: "iOS (Objective-C)",
    install: "pod 'Analytics', '~> 4.1'",
    notes: [
      "This is Analytics-iOS, the predecessor of Analytics-Swift. It fetches settings from Segment’s host by default; `requestFactory` redirects those requests too.",
      "For plain http, App Transport Security must allow the host.",
    ],
    code: ({ url, writeKey }) => {
      const { hostname, port, protocol } = new URL(url);
      return `@import Segment;

SEGAnalyticsConfiguration *configuration =
    [SEGAnalyticsConfiguration configurationWithWriteKey:@"${writeKey}"];
configuration.requestFactory = ^(NSURL *url) {
  NSURLComponents *components = [NSURLComponents componentsWithURL:url resolvingAgainstBaseURL:NO];
  components.scheme = @"${protocol.replace(":", "")}";
  components.host = @"${hostname}";${port ? `\n  components.port = @${port};` : ""}
  return [NSMutableURLRequest requestWithURL:components.URL];
};
[SEGAnalytics setupWithConfiguration:configuration];

[[SEGAnalytics sharedAnalytics] track:@"Order Completed" properties:@{ @"total": @42 }];`;
    },
  },
  "ios-classic-swift": {
    label: "iOS (classic Swift)",
    install: "pod 'Analytics', '~> 4.1'",
    notes: [
      "This is Analytics-iOS. For Analytics-Swift, choose Swift.",
      "It fetches settings from Segment’s host by default; `requestFactory` redirects those requests too.",
    ],
    code: ({ url, writeKey }) => {
      const { hostname, port, protocol } = new URL(url);
      return `import Segment

let configuration = AnalyticsConfiguration(writeKey: "${writeKey}")
configuration.requestFactory = { url in
  guard let components = NSURLComponents(url: url, resolvingAgainstBaseURL: false) else {
    return NSMutableURLRequest(url: url)
  }
  components.scheme = "${protocol.replace(":", "")}"
  components.host = "${hostname}"${port ? `\n  components.port = ${port}` : ""}
  return NSMutableURLRequest(url: components.url!)
}
Analytics.setup(with: configuration)

Analytics.shared().track("Order Completed", properties: ["total": 42])`;
    },
  },
  "android-classic": {
    label: "Android (classic)",
    install: "implementation 'com.segment.analytics.android:analytics:4.+'",
    notes: [
      "This is analytics-android, the predecessor of Analytics-Kotlin. The host it fetches settings from is fixed, so redirect every request with a `ConnectionFactory`.",
      "For plain http, the app’s network security configuration must allow the host.",
    ],
    code: ({ url, writeKey }) => `import android.net.Uri;
import com.segment.analytics.Analytics;
import com.segment.analytics.ConnectionFactory;
import com.segment.analytics.Properties;
import java.io.IOException;
import java.net.HttpURLConnection;

Analytics analytics = new Analytics.Builder(context, "${writeKey}")
    .connectionFactory(new ConnectionFactory() {
      @Override protected HttpURLConnection openConnection(String url) throws IOException {
        return super.openConnection("${url}" + Uri.parse(url).getPath());
      }
    })
    .build();
Analytics.setSingletonInstance(analytics);

Analytics.with(context).track("Order Completed", new Properties().putValue("total", 42));`,
  },
  "react-native": {
    label: "React Native",
    install: "npm install @segment/analytics-react-native @segment/sovran-react-native",
    notes: ["With `useSegmentEndpoints` the SDK adds the paths itself."],
    code: ({ url, writeKey }) => `import { createClient } from "@segment/analytics-react-native";

export const analytics = createClient({
  writeKey: "${writeKey}",
  proxy: "${url}/v1",
  cdnProxy: "${url}/v1",
  useSegmentEndpoints: true,
});

analytics.track("Order Completed", { total: 42 });`,
  },
  flutter: {
    label: "Flutter",
    install: "flutter pub add segment_analytics",
    needsTls: true,
    code: (target) => `final analytics = createClient(Configuration(
  "${target.writeKey}",
  apiHost: "${host(target)}/v1",
  cdnHost: "${host(target)}/v1",
));

analytics.track("Order Completed", properties: {"total": 42});`,
  },
  curl: {
    label: "cURL",
    notes: [
      "Works from anything that can make an HTTP request. The write key is the user name of HTTP Basic authentication.",
    ],
    code: ({ url, writeKey }) => `curl ${url}/v1/track -u ${writeKey}: \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "ann", "event": "Order Completed", "properties": {"total": 42}}'`,
  },
  pixel: {
    label: "Pixel",
    notes: [
      "Dots make nested objects, and every value is text. The response is always the same image, even if the event is rejected.",
      "For AMP, set `requests.host` to the same address up to `/v1/pixel`.",
    ],
    code: ({ url, writeKey }) => `<img
  src="${url}/v1/pixel/track?writeKey=${encodeURIComponent(writeKey)}&userId=ann&event=Email%20Opened&properties.subject=Hi"
  width="1" height="1" alt="">`,
  },
};

const SUITING: Record<SourceType, string[]> = {
  javascript: ["snippet", "npm", "curl"],
  server: ["python", "node", "go", "java", "ruby", "php", "dotnet", "csharp", "rust", "curl"],
  ios: ["swift", "ios-classic-swift", "ios-classic", "react-native", "flutter", "curl"],
  android: ["kotlin", "android-classic", "react-native", "flutter", "curl"],
  mobile: ["react-native", "flutter", "swift", "kotlin", "csharp", "curl"],
  http: ["curl", "python", "node"],
  pixel: ["pixel", "curl"],
};

/** Those that suit the kind of source first, then all the others. */
export function snippets(type: SourceType, target: Target): Snippet[] {
  const suiting = SUITING[type];
  const others = Object.keys(RECIPES).filter((id) => !suiting.includes(id));
  return [...suiting, ...others].map((id) => snippet(id, target));
}

/** How many of them suit it. */
export function suiting(type: SourceType): number {
  return SUITING[type].length;
}

function snippet(id: string, target: Target): Snippet {
  const { label, install, needsTls, notes = [], code } = RECIPES[id] as Recipe;
  const tls =
    needsTls && target.url.startsWith("http:")
      ? [
          "This SDK supports https only: put a proxy with a certificate in front of Headwater and set `public_url` in Settings.",
        ]
      : [];
  return { id, label, install, code: code(target), notes: [...tls, ...notes] };
}
