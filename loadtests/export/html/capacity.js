// Draws the charts from #drawing (made by export/capacity_charts.py): a point is a trial.
"use strict";
(() => {
  const drawing = JSON.parse(document.getElementById("drawing").textContent);
  const HEIGHT = 240;
  const ROUND = [-4, -3, -2, -1, 0, 1, 2].flatMap((n) => [1, 2, 5].map((d) => d * 10 ** n));
  const plots = [];

  const color = (ink) => getComputedStyle(document.documentElement).getPropertyValue(`--${ink}`).trim();
  const brief = (n) => Number(n.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 6 });
  const duration = (s) => (s < 1 ? `${brief(s * 1000)} ms` : `${brief(s)} s`);
  const format = (unit, value) => (value == null ? "–" : unit === "s" ? duration(value) : brief(value));

  // The knee: its interval as a band, its value as a line, its name above the plot.
  function marks(chart) {
    return (u) => {
      const ctx = u.ctx, ratio = uPlot.pxRatio, { top, height, left, width } = u.bbox;
      const place = (x) => Math.min(Math.max(u.valToPos(x, "x", true), left), left + width);
      ctx.save();
      ctx.font = `${11 * ratio}px system-ui, sans-serif`;
      ctx.textBaseline = "bottom";
      ctx.textAlign = "left";
      let free = -Infinity;
      for (const mark of chart.marks) {
        const ink = color(mark.label === "knee" ? "main" : "violet");
        ctx.fillStyle = `${ink}2e`;
        ctx.fillRect(place(mark.from), top, place(mark.to) - place(mark.from), height);
        ctx.strokeStyle = ctx.fillStyle = ink;
        ctx.lineWidth = ratio;
        ctx.setLineDash([2 * ratio, 3 * ratio]);
        ctx.beginPath();
        ctx.moveTo(place(mark.at), top);
        ctx.lineTo(place(mark.at), top + height);
        ctx.stroke();
        const text = `${mark.label} ${brief(mark.at)}`, room = ctx.measureText(text).width;
        const start = Math.min(Math.max(place(mark.at) - room / 2, free, 0), ctx.canvas.width - room);
        ctx.fillText(text, start, top - 2 * ratio);
        free = start + room + 8 * ratio;
      }
      ctx.restore();
    };
  }

  function drawn(series, unit) {
    const ink = color(series.ink);
    const value = (u, v) => format(unit, v);
    if (series.dash) return { label: series.label, stroke: ink, width: 1.25, dash: [5, 4], points: { show: false }, value };
    return { label: series.label, stroke: ink, width: 0, paths: () => null, points: { show: true, size: 8, width: 2, stroke: ink, fill: `${ink}80` }, value };
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

  function options(chart, width) {
    const y = axis({ size: 56, space: 34, values: (u, splits) => splits.map((v) => (v == null ? "" : format(chart.unit, v))) });
    if (chart.log) Object.assign(y, { splits: () => ROUND, filter: (u, splits) => splits });
    const seen = chart.series.flatMap((s) => s.values).filter((v) => v > 0);
    const low = ROUND.findLast((d) => d < Math.min(...seen)) ?? ROUND[0];
    const high = ROUND.find((d) => d > Math.max(...seen)) ?? ROUND.at(-1);
    const most = Math.max(...chart.x, ...chart.marks.map((m) => m.to)) * 1.05;
    return {
      width,
      height: HEIGHT,
      padding: [18, 12, 0, 0],
      cursor: { drag: { x: false, y: false }, points: { size: 5 }, y: false },
      legend: { markers: { width: 0, fill: (u, i) => u.series[i].stroke(u, i) } },
      scales: {
        x: { time: false, range: () => [0, most] },
        y: chart.log ? { distr: 3, range: () => [low, high > low ? high : low * 2] } : { range: (u, least, top) => [0, top > 0 ? top * 1.08 : 1] },
      },
      axes: [axis({ space: 60, size: 24, grid: { show: false }, values: (u, splits) => splits.map((v) => `${brief(v)}/s`) }), y],
      series: [{ label: "asked", value: (u, v) => (v == null ? "–" : `${brief(v)}/s`) }, ...chart.series.map((s) => drawn(s, chart.unit))],
      hooks: { draw: [marks(chart)] },
    };
  }

  function draw(figure) {
    const chart = drawing.charts[figure.dataset.chart];
    const place = figure.querySelector(".plot");
    const u = new uPlot(options(chart, place.clientWidth), [chart.x, ...chart.series.map((s) => s.values)], place);
    figure.onkeydown = (event) => steer(u, chart, event);
    plots.push(u);
  }

  // From trial to trial.
  function steer(u, chart, event) {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
    const from = u.cursor.idx ?? (move > 0 ? -1 : chart.x.length);
    const to = Math.min(Math.max(from + move, 0), chart.x.length - 1);
    u.setCursor({ left: u.valToPos(chart.x[to], "x"), top: HEIGHT / 3 });
    event.preventDefault();
  }

  function redraw() {
    for (const u of plots.splice(0)) u.destroy();
    document.querySelectorAll(".chart").forEach(draw);
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
