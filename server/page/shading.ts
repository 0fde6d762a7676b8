/** Gaps as hatched stripes behind the chart, so that they are seen without colour, too. */
import type {
  IChartApi, IPrimitivePaneRenderer, IPrimitivePaneView, ISeriesPrimitive, SeriesAttachedParameter, Time, UTCTimestamp,
} from './lightweight-charts.mjs';

export interface Stripe {
  /** The first and the last bucket, which are in the chart. */
  readonly first: UTCTimestamp;
  readonly last: UTCTimestamp;
  readonly text: string;
}

export class Shading implements ISeriesPrimitive<Time> {
  #chart: IChartApi | undefined;
  #stripes: readonly Stripe[] = [];
  #update: (() => void) | undefined;
  readonly #views: readonly IPrimitivePaneView[];
  colour = '#888';

  constructor() {
    const renderer = { draw: () => {}, drawBackground: (target: Target) => this.#draw(target) };
    this.#views = [{ zOrder: () => 'bottom', renderer: () => renderer }];
  }

  attached({ chart, requestUpdate }: SeriesAttachedParameter): void {
    this.#chart = chart;
    this.#update = requestUpdate;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  show(stripes: readonly Stripe[]): void {
    this.#stripes = stripes;
    this.#update?.();
  }

  #draw(target: Target): void {
    const scale = this.#chart!.timeScale();
    const spacing = scale.options().barSpacing;
    target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
      context.strokeStyle = context.fillStyle = this.colour;
      context.font = '11px system-ui, sans-serif';
      for (const { first, last, text } of this.#stripes) {
        const [left, right] = [scale.timeToCoordinate(first), scale.timeToCoordinate(last)];
        if (left === null || right === null) continue;
        if (right + spacing / 2 < 0 || left - spacing / 2 > width) continue;
        const from = Math.max(0, left - spacing / 2);
        const to = Math.min(width, Math.max(right + spacing / 2, from + 2));
        context.save();
        context.beginPath();
        context.rect(from, 0, to - from, height);
        context.clip();
        context.globalAlpha = 0.12;
        context.fillRect(from, 0, to - from, height);
        context.globalAlpha = 0.5;
        context.beginPath();
        // The hatching lies still while the chart is scrolled: it begins at the stripe.
        for (let x = left - height; x < to; x += 8) {
          context.moveTo(x, height);
          context.lineTo(x + height, 0);
        }
        context.stroke();
        context.globalAlpha = 1;
        if (context.measureText(text).width + 8 < to - from) context.fillText(text, from + 4, 14);
        context.restore();
      }
    });
  }
}

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0];
