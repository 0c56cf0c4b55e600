export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--mantine-color-water-7)" />
      <g fill="none" strokeWidth="2.6" strokeLinecap="round">
        <path d="M7 11c3 0 3 3 6 3s3-3 6-3 3 3 6 3" stroke="#fff" />
        <path d="M7 18c3 0 3 3 6 3s3-3 6-3 3 3 6 3" stroke="var(--mantine-color-water-2)" />
      </g>
    </svg>
  );
}
