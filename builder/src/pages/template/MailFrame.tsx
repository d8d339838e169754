import { useElementSize } from '@mantine/hooks';
import classes from './MailFrame.module.css';

const WIDTHS = { phone: 375, desktop: 720 };
const HEIGHT = 640;

/** Said before the mail itself: it may look as it likes, and load and run nothing but pictures. */
const HEAD =
  '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; ' +
  "img-src https: http: data:; style-src 'unsafe-inline'; font-src data:\">" +
  '<base target="_blank">';

interface MailFrameProps {
  html: string;
  title: string;
  width: keyof typeof WIDTHS;
}

/** A mail's HTML at the width of a device, made smaller where the page is narrower. */
export function MailFrame({ html, title, width }: MailFrameProps) {
  const { ref, width: room } = useElementSize();
  const wanted = WIDTHS[width];
  const scale = room > 0 ? Math.min(1, room / wanted) : 1;
  return (
    <div ref={ref} className={classes.room} style={{ height: HEIGHT }}>
      <iframe
        title={title}
        srcDoc={HEAD + html}
        // No scripts, no forms, no origin; links open in a tab of their own.
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        className={classes.frame}
        style={{
          width: wanted,
          height: HEIGHT / scale,
          transform: `translateX(-50%) scale(${scale})`,
        }}
      />
    </div>
  );
}
