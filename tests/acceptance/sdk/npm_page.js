// The script of a page that uses @segment/analytics-next from npm; bundled by esbuild.
import { AnalyticsBrowser } from "@segment/analytics-next";
import { makeCalls } from "./calls.js";

const { writeKey, host, loadOptions } = window.options;
makeCalls(AnalyticsBrowser.load({ writeKey, cdnURL: host }, loadOptions ?? {}));
