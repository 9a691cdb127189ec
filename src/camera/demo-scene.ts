// The demo camera's picture, as an ffmpeg filter graph: a quiet yard, and every 20 s a visitor who crosses it in 6 s. The
// yard and the figure are computed once and looped, which keeps rendering to a few per cent of a core; only the figure's
// place and the clock change. The sensor-like noise is twelve noisy copies of the yard in turn.

export const visitorCycleS = 20;
export const visitorFromS = 12;
export const visitorToS = 18;

export interface ScenePicture {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** A font for the clock; none: no clock. */
  readonly fontFile?: string | undefined;
}

/** Where Debian, Raspberry Pi OS and Ubuntu keep a font that drawtext can use. */
export const fontCandidates = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf',
  '/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf',
  '/usr/share/fonts/truetype/freefont/FreeSans.ttf',
];

const even = (n: number) => Math.max(2, 2 * Math.round(n / 2));

/** Graph for `-f lavfi -i`. */
export function yardScene(p: ScenePicture): string {
  const box = (x: number, y: number, w: number, h: number, color: string) =>
    `drawbox=x=iw*${x}:y=ih*${y}:w=iw*${w}:h=ih*${h}:color=${color}:t=fill`;
  const yard = [
    `color=c=gray:s=${p.width}x${p.height}:r=${p.fps}`,
    'trim=end_frame=1',
    'format=yuv420p',
    // Sky above, lawn below.
    `geq=lum='if(lt(Y,H*0.42),200-Y*40/H,110+18*sin(X/37)*sin(Y/23)+20*Y/H)'` +
      `:cb='if(lt(Y,H*0.42),142,118)':cr='if(lt(Y,H*0.42),118,120)'`,
    box(0.62, 0.14, 0.38, 0.46, '0xb8a68c'), // house
    box(0.6, 0.1, 0.4, 0.05, '0x6b4a3a'), // roof
    box(0.7, 0.26, 0.08, 0.13, '0x3c4a58'), // window
    box(0.86, 0.24, 0.08, 0.36, '0x5a3d2b'), // door
    box(0.84, 0.6, 0.12, 0.4, '0xa9a59b'), // path
    box(0, 0.36, 0.6, 0.015, '0x8a7358'), // fence
    box(0, 0.44, 0.6, 0.015, '0x8a7358'),
    'loop=loop=11:size=1:start=0',
    'noise=c0s=3:c0f=t',
    'loop=loop=-1:size=12:start=0',
    'setpts=N',
  ].join(',');
  const during = `gt(mod(t\\,${visitorCycleS})\\,${visitorFromS})*lt(mod(t\\,${visitorCycleS})\\,${visitorToS})`;
  const across = `(mod(t\\,${visitorCycleS})-${visitorFromS})/${visitorToS - visitorFromS}`;
  const overlay = `[yard][visitor]overlay=x='-w+${across}*(W+2*w)':y='H*0.56-4*abs(sin(t*6))':enable='${during}'`;
  const clock = p.fontFile
    ? `,drawtext=fontfile=${p.fontFile}:text='%{localtime\\:%Y-%m-%d %H\\\\\\:%M\\\\\\:%S}':x=16:y=h-${even(p.height * 0.05)}` +
      `:fontsize=${even(p.height * 0.03)}:fontcolor=white:box=1:boxcolor=black@0.4:boxborderw=6`
    : '';
  return `${yard}[yard];${visitor(p)}[visitor];${overlay}${clock},format=yuv420p`;
}

/** A walking figure on a transparent ground, twelve pictures of one stride. */
function visitor(p: ScenePicture): string {
  const legsAndArms = (from: number, to: number, swing: number, thickness: number) =>
    ['-', '+']
      .map(
        (side) =>
          `between(Y,H*${from},H*${to})*lt(abs(X-W/2${side}(Y/H-${from})*W*${swing}*sin(N*PI/6)),W*${thickness})`,
      )
      .join('+');
  const shape = [
    'lt(hypot((X-W/2)/(W*0.17),(Y-H*0.085)/(H*0.085)),1)', // head
    'between(Y,H*0.17,H*0.56)*lt(abs(X-W/2),W*0.23)', // coat
    legsAndArms(0.2, 0.52, 0.7, 0.07),
    legsAndArms(0.55, 1, 0.8, 0.1),
  ].join('+');
  const byPart = (head: number, coat: number, legs: number) =>
    `if(lt(Y,H*0.17),${head},if(lt(Y,H*0.55),${coat},${legs}))`;
  return [
    `color=c=black:s=${even(p.height * 0.133)}x${even(p.height * 0.344)}:r=${p.fps}`,
    'trim=end_frame=12',
    'format=yuva420p',
    `geq=lum='${byPart(170, 62, 44)}':cb='${byPart(112, 120, 136)}':cr='${byPart(150, 158, 124)}':a='255*gt(${shape},0)'`,
    'loop=loop=-1:size=12:start=0',
    'setpts=N',
  ].join(',');
}

/** A test pattern with moving parts and a counter. */
export const barsScene = (p: ScenePicture): string =>
  `testsrc2=size=${p.width}x${p.height}:rate=${p.fps},format=yuv420p`;
