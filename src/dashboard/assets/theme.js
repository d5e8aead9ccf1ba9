// Runs before the first paint, so that a remembered theme does not flash. The storage may be forbidden.
try {
  document.documentElement.dataset.theme = localStorage.getItem('nestjs-cluster-theme') ?? 'auto';
} catch {
  document.documentElement.dataset.theme = 'auto';
}
