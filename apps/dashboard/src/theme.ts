import { type AlertProps, type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The house colour: the patina of a much-used brass lock. Shade 7 carries white text at 5.8:1. */
const petrol: MantineColorsTuple = [
  '#e8f6f5',
  '#d2eceb',
  '#a6dbd8',
  '#76c8c4',
  '#4db6b2',
  '#2fa29e',
  '#1f8b88',
  '#16716f',
  '#115b5a',
  '#0b4544',
];

/** Greys of the dark scheme, a little towards the house colour; 7 is the page, 6 a raised surface. */
const dark: MantineColorsTuple = [
  '#d3dcdc',
  '#b8c4c4',
  '#94a3a4',
  '#677778',
  '#3a494c',
  '#2b383b',
  '#1d282b',
  '#141d1f',
  '#0f1617',
  '#0a1011',
];

/** Mantine's theme: one accent, calm surfaces, the system's own typeface (nothing is fetched from elsewhere). */
export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 7 },
  colors: { petrol, dark },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Open Sans", "Noto Sans", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Noto Sans Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.5rem', lineHeight: '1.25' } } },
  components: {
    Button: { defaultProps: { radius: 'md' } },
    Alert: {
      vars: (_theme: unknown, { color = 'petrol' }: AlertProps) => ({
        root: {
          '--alert-bg': `color-mix(in srgb, var(--mantine-color-${color}-filled) 12%, var(--lk-surface))`,
          '--alert-bd': `1px solid color-mix(in srgb, var(--mantine-color-${color}-filled) 45%, var(--lk-surface))`,
          '--alert-color': `light-dark(color-mix(in srgb, var(--mantine-color-${color}-9) 55%, #000), var(--mantine-color-${color}-3))`,
        },
      }),
    },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true, radius: 'lg', closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
});

const softText = {
  '--mantine-color-dimmed': 'var(--lk-text-soft)',
  '--mantine-color-placeholder': 'var(--lk-text-faint)',
};

/** Where Mantine's own colours have too little contrast for small text (WCAG 2.2, 1.4.3: 4.5:1), or drown in the dark scheme. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...softText, '--mantine-color-error': '#c22525' },
  dark: {
    ...softText,
    '--mantine-color-error': '#ff8f8f',
    '--mantine-color-petrol-light': '#17393b',
    '--mantine-color-petrol-light-hover': '#1d494b',
  },
});
