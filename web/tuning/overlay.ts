// Draws over the picture what detection makes of it: zones, masks, cells that differ, things. Draws only; which frame belongs
// to the picture that is shown is decided in `tuning-picture.tsx`.

import type { MotionSettings, Point, TuningFrame, TuningStep } from '../../src/http/api.ts';
import type { GreyPicture } from './grey-pictures.ts';

export interface Layers {
  readonly areas: boolean;
  readonly differing: boolean;
  readonly things: boolean;
  readonly restless: boolean;
}

export interface OverlayScene {
  readonly layers: Layers;
  readonly areas: Pick<MotionSettings, 'zones' | 'masks'>;
  /** Of the small pictures, in which blobs are counted. */
  readonly size: { readonly width: number; readonly height: number };
  readonly step: TuningStep | undefined;
  readonly cells?: TuningFrame['cells'];
  /** Covers the live picture. */
  readonly picture?: GreyPicture | undefined;
  /** A share of the picture in percent, drawn as a square while somebody moves its slider. */
  readonly sizeHint?: number | undefined;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const eighthsOf: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  ALPHABET.indexOf(String.fromCharCode(code)),
);

/** `ctx` is scaled so that the picture is `width` × `height`. */
export function drawOverlay(ctx: CanvasRenderingContext2D, width: number, height: number, scene: OverlayScene): void {
  ctx.clearRect(0, 0, width, height);
  const { layers, picture, cells, size, step } = scene;
  if (picture) drawGrey(ctx, width, height, picture);
  const [sx, sy] = [width / Math.max(1, size.width), height / Math.max(1, size.height)];
  if (cells) {
    const [cw, ch] = [cells.side * sx, cells.side * sy];
    for (let i = 0; i < cells.marks.length; i++) {
      const [x, y] = [(i % cells.columns) * cw, Math.floor(i / cells.columns) * ch];
      const mark = eighthsOf[cells.marks.charCodeAt(i)] ?? 0;
      const usual = cells.restless.charCodeAt(i) - 48;
      if (layers.restless && usual > 0) fill(ctx, `rgb(176 132 255 / ${0.12 + usual * 0.06})`, x, y, cw, ch);
      if (!layers.differing || mark <= 0) continue;
      if (mark >> 3 > 0) fill(ctx, `rgb(110 180 240 / ${0.1 + (mark >> 3) * 0.035})`, x, y, cw, ch);
      if ((mark & 7) > 0) fill(ctx, `rgb(110 231 160 / ${0.12 + (mark & 7) * 0.05})`, x, y, cw, ch);
    }
  }
  if (layers.areas) drawAreas(ctx, width, height, scene.areas);
  if (layers.things && step) {
    for (const [x, y, w, h] of step.blobs) box(ctx, x * sx, y * sy, w * sx, h * sy);
  }
  if (scene.sizeHint !== undefined) drawSize(ctx, width, height, scene.sizeHint);
}

function fill(ctx: CanvasRenderingContext2D, style: string, x: number, y: number, w: number, h: number): void {
  ctx.fillStyle = style;
  ctx.fillRect(x, y, w, h);
}

/** A dark edge inside and outside keeps it visible on snow and at night. */
function box(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number): void {
  ctx.setLineDash([]);
  ctx.lineWidth = 5;
  ctx.strokeStyle = 'rgb(10 14 17 / 0.6)';
  ctx.strokeRect(x, y, w, h);
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = '#6ee7a0';
  ctx.strokeRect(x, y, w, h);
}

function drawAreas(ctx: CanvasRenderingContext2D, width: number, height: number, areas: OverlayScene['areas']): void {
  for (const { points, sensitivity } of areas.masks) {
    // A mask in which strong contrast still counts is hatched less densely.
    const gap = sensitivity === undefined ? 10 : 24;
    ctx.save();
    outline(ctx, width, height, points);
    ctx.clip();
    ctx.fillStyle = 'rgb(10 14 17 / 0.35)';
    ctx.fillRect(0, 0, width, height);
    ctx.strokeStyle = 'rgb(210 220 228 / 0.5)';
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    for (let x = -height; x < width; x += gap) {
      ctx.moveTo(x, height);
      ctx.lineTo(x + height, 0);
    }
    ctx.stroke();
    ctx.restore();
    stroke(ctx, width, height, points, '#d2dce4', [7, 5]);
  }
  for (const { points, name } of areas.zones) {
    stroke(ctx, width, height, points, '#f0b252', []);
    const top = points.reduce((a, b) => (b.y < a.y ? b : a), points[0] ?? { x: 0, y: 0 });
    label(ctx, name, top.x * width, top.y * height, width);
  }
}

function outline(ctx: CanvasRenderingContext2D, width: number, height: number, points: readonly Point[]): void {
  ctx.beginPath();
  for (const { x, y } of points) ctx.lineTo(x * width, y * height);
  ctx.closePath();
}

function stroke(
  ctx: CanvasRenderingContext2D,
  width: number,
  height: number,
  points: readonly Point[],
  colour: string,
  dash: readonly number[],
): void {
  outline(ctx, width, height, points);
  ctx.setLineDash([]);
  ctx.lineWidth = 4;
  ctx.strokeStyle = 'rgb(10 14 17 / 0.45)';
  ctx.stroke();
  ctx.setLineDash([...dash]);
  ctx.lineWidth = 2;
  ctx.strokeStyle = colour;
  ctx.stroke();
  ctx.setLineDash([]);
}

function label(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, width: number): void {
  ctx.font = '600 12px system-ui, sans-serif';
  const wide = Math.min(ctx.measureText(text).width, 160) + 12;
  const left = Math.max(2, Math.min(width - wide - 2, x));
  fill(ctx, 'rgb(10 14 17 / 0.72)', left, y + 3, wide, 19);
  ctx.fillStyle = '#f0b252';
  ctx.fillText(text, left + 6, y + 17, 160);
}

function drawSize(ctx: CanvasRenderingContext2D, width: number, height: number, percent: number): void {
  const side = Math.sqrt((width * height * percent) / 100);
  const [w, h] = [Math.min(width - 2, side), Math.min(height - 2, side)];
  ctx.setLineDash([6, 4]);
  ctx.lineWidth = 2;
  fill(ctx, 'rgb(255 255 255 / 0.14)', (width - w) / 2, (height - h) / 2, w, h);
  ctx.strokeStyle = '#fff';
  ctx.strokeRect((width - w) / 2, (height - h) / 2, w, h);
  ctx.setLineDash([]);
}

/** The small picture is drawn on a canvas of its own size first, and that one large. */
let small: HTMLCanvasElement | undefined;
function drawGrey(ctx: CanvasRenderingContext2D, width: number, height: number, picture: GreyPicture): void {
  small ??= document.createElement('canvas');
  if (small.width !== picture.width) small.width = picture.width;
  if (small.height !== picture.height) small.height = picture.height;
  const own = small.getContext('2d');
  if (!own) return;
  const image = own.createImageData(picture.width, picture.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < picture.grey.length; i++) pixels[i] = 0xff00_0000 | (picture.grey[i]! * 0x01_0101);
  own.putImageData(image, 0, 0);
  ctx.imageSmoothingQuality = 'high';
  ctx.drawImage(small, 0, 0, width, height);
}
