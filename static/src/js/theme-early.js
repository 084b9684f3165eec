// Runs before the first paint, so that a dark page never flashes white. Not a module: modules come too late.
{
  const root = document.documentElement;
  const chosen = root.dataset.theme || "auto";
  if (chosen === "auto") {
    root.dataset.bsTheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  // The Django admin keeps its choice in this place; one switch serves both.
  try {
    localStorage.setItem("theme", chosen);
  } catch {
    // Storage may be forbidden; the admin then follows the system.
  }
}
