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
    about: "A page with a snippet, or a web app with the npm package.",
    icon: IconBrowser,
    name: "website",
  },
  server: {
    label: "Server",
    about: "Python, Node, Go, Java, Ruby, PHP or C#.",
    icon: IconServer2,
    name: "backend",
  },
  ios: { label: "iOS app", about: "Swift.", icon: IconBrandApple, name: "ios app" },
  android: { label: "Android app", about: "Kotlin or Java.", icon: IconBrandAndroid, name: "android app" },
  mobile: {
    label: "App for both",
    about: "React Native, Flutter or another framework.",
    icon: IconDeviceMobile,
    name: "app",
  },
  http: {
    label: "HTTP",
    about: "Anything that can make a request: a script, a webhook, a spreadsheet.",
    icon: IconWebhook,
    name: "scripts",
  },
  pixel: {
    label: "E-mail and AMP",
    about: "An image whose address says what happened.",
    icon: IconMail,
    name: "e-mail",
  },
};

export const TYPES = Object.keys(KINDS) as SourceType[];

export function isType(text: string | undefined): text is SourceType {
  return text !== undefined && text in KINDS;
}
