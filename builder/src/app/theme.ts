import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The one accent colour: a petrol that reads well on white and on dark grey. */
const petrol: MantineColorsTuple = [
  '#e6f6f8',
  '#d2eaee',
  '#a5d5dc',
  '#74bec9',
  '#4daab8',
  '#2f98a8',
  '#16869a',
  '#0b7285',
  '#056070',
  '#004d5b',
];

const CLOSE = { 'aria-label': 'Close' };

export const theme = createTheme({
  primaryColor: 'petrol',
  // One for both schemes: the words on filled buttons are chosen without knowing the scheme.
  primaryShade: 7,
  autoContrast: true,
  colors: { petrol },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  headings: { fontWeight: '650' },
  components: {
    Badge: { defaultProps: { tt: 'none' } },
    Modal: { defaultProps: { centered: true, closeButtonProps: CLOSE } },
    Drawer: { defaultProps: { closeButtonProps: CLOSE } },
    Notification: { defaultProps: { closeButtonProps: CLOSE } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true, multiline: true, maw: 320 } },
  },
});

/** Dimmed words, badges and what is red have a contrast of 4.5 to 1 on every ground that they stand on. */
export const variables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': colors.gray[7],
    '--mantine-color-red-text': colors.red[9],
    '--mantine-color-error': colors.red[9],
    ...Object.fromEntries(
      Object.entries(colors).map(([name, shades]) => [
        `--mantine-color-${name}-light-color`,
        `color-mix(in srgb, ${shades[9]}, ${colors.dark[9]} 40%)`,
      ]),
    ),
  },
  dark: {
    '--mantine-color-dimmed': colors.dark[1],
    '--mantine-color-red-text': colors.red[4],
    '--mantine-color-error': colors.red[4],
  },
});
