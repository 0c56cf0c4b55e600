// The six calls, as a shop's page makes them.
export function makeCalls(analytics) {
  analytics.identify("ann", { email: "ann@example.com", address: { city: "Zürich" }, age: 31 });
  analytics.track(
    "Order Completed",
    { total: 49.9, products: [{ sku: "a", quantity: 2 }], emoji: "🛒", nothing: null },
    { integrations: { CRM: { id: 7 } }, context: { active: true } },
  );
  analytics.page("Docs", "Index", { keywords: ["a", "b"] });
  analytics.screen("App", "Home", { dark: true });
  analytics.group("acme", { name: "Acme", employees: 12 });
  analytics.alias("ann-2", "ann");
}
