/** The kinds of senders, in the words of somebody who has one. */

import {
  IconBrandAndroid,
  IconBrandApple,
  IconBrowser,
  IconDeviceMobile,
  IconMail,
  IconServer2,
  IconWebhook,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { SourceType } from "~/api/schema";

interface Kind {
  label: string;
  about: string;
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  /** A name that suits the first one. */
  name: string;
}

export const KINDS: Record<SourceType, Kind> = {
  javascript: {
    label: "Website",
    about: "A website with a snippet, or a web app with the npm package.",
    icon: IconBrowser,
    name: "website",
  },
  server: {
    label: "Server",
    about: "Python, Node, Go, Java, Ruby, PHP, .NET, C# or Rust.",
    icon: IconServer2,
    name: "backend",
  },
  ios: { label: "iOS app", about: "Swift or Objective-C.", icon: IconBrandApple, name: "ios app" },
  android: { label: "Android app", about: "Kotlin or Java.", icon: IconBrandAndroid, name: "android app" },
  mobile: {
    label: "Cross-platform app",
    about: "React Native, Flutter or another framework.",
    icon: IconDeviceMobile,
    name: "app",
  },
  http: {
    label: "HTTP",
    about: "Anything that can make an HTTP request: a script, a webhook, a spreadsheet.",
    icon: IconWebhook,
    name: "scripts",
  },
  pixel: {
    label: "Email and AMP",
    about: "A tracking pixel in emails or AMP pages.",
    icon: IconMail,
    name: "email",
  },
};

export const TYPES = Object.keys(KINDS) as SourceType[];

export function isType(text: string | undefined): text is SourceType {
  return text !== undefined && text in KINDS;
}
