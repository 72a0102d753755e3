// Draws the charts from #drawing (made by export/charts.py). Event time, shared cursor and zoom.
"use strict";
(() => {
  const drawing = JSON.parse(document.getElementById("drawing").textContent);
  const HEIGHT = 190;
  const STEPS = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
    3600, 7200, 10800, 21600, 43200, 86400, 172800, 345600,
  ];
  const DECADES = [0.0001, 0.001, 0.01, 0.1, 1, 10, 100];
  const plots = [];

  const color = (ink) => getComputedStyle(document.documentElement).getPropertyValue(`--${ink}`).trim();
  const two = (n) => String(n).padStart(2, "0");
  const signed = (offset) => {
    const s = Math.round(Math.abs(offset));
    const minutes = s < 3600 ? Math.floor(s / 60) : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}`;
    return `${offset < -0.5 ? "−" : "+"}${minutes}:${two(s % 60)}`;
  };
  const clock = (offset) => {
    const s = (((drawing.kickOff + Math.round(offset)) % 86400) + 86400) % 86400;
    return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  };
  const tick = (offset, step) => {
    if (Math.abs(offset) < 0.5) return "kick-off";
    if (step >= 3600) return `${offset < 0 ? "−" : "+"}${Math.abs(Math.round(offset / 3600))} h`;
    return step < 60 ? signed(offset) : `${offset < 0 ? "−" : "+"}${Math.abs(Math.round(offset / 60))} min`;
  };
  const brief = (n) => Number(n.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 6 });
  const duration = (s) => (s < 1 ? `${brief(s * 1000)} ms` : `${brief(s)} s`);
  const format = (unit, value) => {
    if (value == null) return "–";
    if (unit === "share") return `${brief(value * 100)} %`;
    return unit === "s" ? duration(value) : brief(value);
  };

  // Labels above the plot; one that would run into its neighbor is left out, its line stays.
  function marks(u) {
    const ctx = u.ctx, ratio = uPlot.pxRatio;
    ctx.save();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textBaseline = "bottom";
    let free = -Infinity;
    for (const mark of drawing.marks) {
      if (mark.at < u.scales.x.min || mark.at > u.scales.x.max) continue;
      const x = Math.round(u.valToPos(mark.at, "x", true)) + 0.5;
      const ink = color(mark.failure ? "alarm" : "ink");
      ctx.strokeStyle = ctx.fillStyle = ink;
      ctx.lineWidth = ratio;
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, u.bbox.top);
      ctx.lineTo(x, u.bbox.top + u.bbox.height);
      ctx.stroke();
      const width = ctx.measureText(mark.label).width;
      const left = Math.min(Math.max(x - width / 2, 0), ctx.canvas.width - width);
      if (left > free) {
        ctx.textAlign = "left";
        ctx.fillText(mark.label, left, u.bbox.top - 2 * ratio);
        free = left + width + 6 * ratio;
      }
    }
    ctx.restore();
  }

  function line(series, unit) {
    const ink = color(series.ink);
    return {
      label: series.label,
      stroke: ink,
      fill: series.fill ? `${ink}2e` : undefined,
      width: series.dash ? 1.25 : 1.5,
      dash: series.dash ? [5, 4] : undefined,
      points: { show: series.values.length < 2 },
      spanGaps: false,
      value: (u, value) => format(unit, value),
    };
  }

  function bars(series, unit) {
    const ink = color(series.ink);
    return {
      label: series.label,
      stroke: ink,
      fill: ink,
      width: 0,
      points: { show: false },
      paths: uPlot.paths.bars({ align: 1, size: [0.86, 60] }),
      value: (u, value, s, i) => (i == null ? "–" : format(unit, series.values[i])),
    };
  }

  // Drawn from the whole stack down to its first part, each over the one before.
  function stacked(chart) {
    const sums = chart.series[0].values.map(() => 0);
    const layers = chart.series.map((series) => series.values.map((value, i) => (sums[i] += value)));
    return { values: layers.reverse(), series: [...chart.series].reverse().map((s) => bars(s, chart.unit)) };
  }

  function axis(extra) {
    return {
      stroke: color("soft"),
      font: "11px system-ui, sans-serif",
      grid: { stroke: color("rule"), width: 1 },
      ticks: { show: false },
      ...extra,
    };
  }

  function options(chart, width, series) {
    const x = axis({
      incrs: STEPS,
      space: 70,
      size: 24,
      grid: { show: false },
      values: (u, splits, i, space, step) => splits.map((v) => tick(v, step)),
    });
    const y = axis({
      size: 56,
      space: 34,
      values: (u, splits) => splits.map((v) => (v == null ? "" : format(chart.unit, v))),
    });
    if (chart.log) Object.assign(y, { splits: () => DECADES, filter: (u, splits) => splits });
    return {
      width,
      height: HEIGHT,
      padding: [18, 12, 0, 0],
      cursor: {
        sync: { key: "evening", scales: ["x", null] },
        drag: { x: true, y: false, setScale: true },
        points: { size: 5 },
        y: false,
      },
      legend: { markers: { width: 0, fill: (u, i) => u.series[i].stroke(u, i) } },
      scales: {
        x: { time: false },
        y: chart.log ? { distr: 3, range: [DECADES[0], DECADES.at(-1)] } : { range: (u, low, high) => [0, high > 0 ? high * 1.08 : 1] },
      },
      axes: [x, y],
      series: [{ label: "at", value: (u, v) => (v == null ? "–" : `${clock(v)} · ${signed(v)}`) }, ...series],
      hooks: { draw: [marks] },
    };
  }

  function draw(figure) {
    const chart = drawing.charts[figure.dataset.chart];
    const grid = drawing.grids[chart.grid];
    const place = figure.querySelector(".plot");
    const { values, series } =
      chart.kind === "stack"
        ? stacked(chart)
        : { values: chart.series.map((s) => s.values), series: chart.series.map((s) => line(s, chart.unit)) };
    const u = new uPlot(options(chart, place.clientWidth, series), [grid, ...values], place);
    figure.onkeydown = (event) => steer(u, event);
    plots.push(u);
  }

  function zoom(low, high) {
    const grid = drawing.grids.seconds;
    const min = Math.max(low, grid[0]), max = Math.min(high, grid[grid.length - 1]);
    if (max - min >= 2 || grid.length < 3) for (const u of plots) u.setScale("x", { min, max });
  }

  function everything() {
    const grid = drawing.grids.seconds;
    zoom(grid[0], grid[grid.length - 1]);
  }

  function steer(u, event) {
    const { min, max } = u.scales.x;
    const span = max - min;
    const at = u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : (min + max) / 2;
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (move) {
      const to = Math.min(Math.max(at + (move * span) / 60, min), max);
      u.setCursor({ left: u.valToPos(to, "x"), top: HEIGHT / 3 }, true, true);
    } else if (event.key === "+" || event.key === "=") zoom(at - span / 4, at + span / 4);
    else if (event.key === "-") zoom(at - span, at + span);
    else if (event.key === "0" || event.key === "Escape") everything();
    else return;
    event.preventDefault();
  }

  function redraw() {
    for (const u of plots.splice(0)) u.destroy();
    if (drawing.grids.seconds.length === 0) return;
    document.querySelectorAll(".chart").forEach(draw);
    everything();
  }

  function printing(on) {
    document.documentElement.classList.toggle("printing", on);
    redraw();
  }

  redraw();
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) redraw();
    width = innerWidth;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("print").addEventListener("change", (event) => printing(event.matches));
  document.documentElement.dataset.drawn = plots.length;
})();
