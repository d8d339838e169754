import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Custom properties, which CSS modules read. */
    [name: `--${string}`]: string | number | undefined;
  }
}
