// Makes every call of @segment/analytics-node and prints the request bodies it sent.
import { Analytics } from "@segment/analytics-node";

const { settings } = JSON.parse(process.argv[2]);
const analytics = new Analytics({ maxRetries: 1, ...settings });
const requests = [];
const errors = [];
analytics.on("http_request", ({ body, headers }) => requests.push({ body: JSON.parse(body), headers }));
analytics.on("error", (error) => errors.push(String(error.reason ?? error)));

const yesterday = new Date(Date.now() - 24 * 3600 * 1000);
analytics.identify({ userId: "ann", traits: { email: "ann@example.com", address: { city: "Zürich" }, age: 31 } });
analytics.track({
  userId: "ann",
  event: "Order Completed",
  properties: { total: 49.9, products: [{ sku: "a", quantity: 2 }], emoji: "🛒", nothing: null },
  context: { ip: "203.0.113.7", userAgent: "shop/1" },
  integrations: { All: false, CRM: { id: 7 } },
  timestamp: yesterday,
});
analytics.page({ userId: "ann", category: "Docs", name: "Index", properties: { url: "https://shop.example/docs" } });
analytics.screen({ anonymousId: "anonymous-1", category: "App", name: "Home", properties: { dark: true } });
analytics.group({ userId: "ann", groupId: "acme", traits: { name: "Acme", employees: 12 } });
analytics.alias({ userId: "ann", previousId: "anonymous-1" });
await analytics.closeAndFlush();

console.log(JSON.stringify({ requests, errors }));
