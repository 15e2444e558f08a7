/** Tells when the page has drawn its first frame, by which the app knows that the web view works. */

/** Resolves after the next drawn frame; at once while the page is hidden, because a hidden page draws none. */
export function firstPaint(): Promise<void> {
  return new Promise((resolve) => {
    const resolveIfHidden = (): void => {
      if (document.hidden) resolve();
    };
    resolveIfHidden();
    document.addEventListener("visibilitychange", resolveIfHidden, { once: true });
    // The first callback runs before the frame is drawn, the second after it.
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
  });
}
