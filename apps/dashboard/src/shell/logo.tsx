import { Group, Text } from '@mantine/core';

/** The mark (a keyhole that is also a person, in a camera's frame) and the name. */
export function Logo({ height = 30 }: { height?: number }) {
  return (
    <Group gap={height / 3} wrap="nowrap">
      <svg viewBox="0 0 32 32" width={height} height={height} aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="8" fill="#16716f" />
        <path
          d="M6.5 11V9A2.5 2.5 0 0 1 9 6.5h2M21 6.5h2A2.5 2.5 0 0 1 25.5 9v2M25.5 21v2a2.5 2.5 0 0 1-2.5 2.5h-2M11 25.5H9A2.5 2.5 0 0 1 6.5 23v-2"
          fill="none"
          stroke="#8fd4d0"
          strokeWidth="1.8"
          strokeLinecap="round"
        />
        <path
          d="M16 8.6a4.4 4.4 0 0 1 2.5 8.02l1.7 5.28a1 1 0 0 1-.95 1.3h-6.5a1 1 0 0 1-.95-1.3l1.7-5.28A4.4 4.4 0 0 1 16 8.6z"
          fill="#fff"
        />
      </svg>
      <Text component="span" fw={650} fz={height * 0.6} lh={1} lts="-0.01em">
        Latchkey
      </Text>
    </Group>
  );
}
