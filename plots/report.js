
"use strict";
// One transport for all clips: every clip plays all the time from the same clock, and a switch
// only moves the gains, so that two versions are compared without a gap or a jump.
(() => {
  const files = [...document.querySelectorAll("#files audio")];
  const buttons = [...document.querySelectorAll(".clip")];
  const play = document.getElementById("play");
  const position = document.getElementById("position");
  const time = document.getElementById("time");
  const loop = document.getElementById("loop");
  const trouble = document.getElementById("trouble");

  files.forEach((audio) => {
    const save = audio.parentElement.querySelector(".download");
    save.href = audio.src;
    save.hidden = false;
    audio.addEventListener("play", () => { stop(); files.forEach((other) => { if (other !== audio) other.pause(); }); });
  });
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return; // the plain players stay
  document.getElementById("transport").hidden = false;
  document.getElementById("files").open = false;

  let context = null, loading = null, buffers = [], gains = [];
  let sources = [];     // one for each clip while it plays
  let startedAt = 0;    // context time at which the clips were at offset
  let offset = 0;       // seconds
  let length = 0;       // of the longest clip, seconds
  let heard = 0;        // which clip is heard

  const bytes = (url) => {
    const text = atob(url.slice(url.indexOf(",") + 1));
    const out = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
    return out.buffer;
  };

  // Decodes all clips and pads them with silence to one length, so that they loop together.
  const load = async () => {
    context = new Context();
    const decoded = await Promise.all(files.map((audio) => context.decodeAudioData(bytes(audio.src))));
    const frames = Math.max(...decoded.map((b) => b.length));
    buffers = decoded.map((b) => {
      const padded = context.createBuffer(b.numberOfChannels, frames, context.sampleRate);
      for (let c = 0; c < b.numberOfChannels; c++) padded.copyToChannel(b.getChannelData(c), c);
      return padded;
    });
    gains = buffers.map((_, i) => {
      const gain = context.createGain();
      gain.gain.value = i === heard ? 1 : 0;
      gain.connect(context.destination);
      return gain;
    });
    length = frames / context.sampleRate;
    position.max = length;
    show();
  };

  const now = () => {
    if (sources.length === 0) return offset;
    const at = offset + Math.max(0, context.currentTime - startedAt);
    return loop.checked ? at % length : Math.min(at, length);
  };

  const show = () => {
    const at = now();
    position.value = at;
    time.textContent = length ? at.toFixed(1) + " / " + length.toFixed(1) + " s" : "0.0 s";
  };

  const tick = () => {
    if (sources.length === 0) return;
    show();
    requestAnimationFrame(tick);
  };

  const halt = () => {
    sources.forEach((source) => { source.onended = null; source.stop(); });
    sources = [];
    play.textContent = "Play";
  };

  const stop = () => {
    if (sources.length === 0) return;
    offset = now();
    halt();
    show();
  };

  const start = async () => {
    try {
      loading = loading || load();
      await loading;
      await context.resume();
    } catch (error) {
      trouble.textContent = "This browser cannot decode the sounds (" + error.message + "). Try the players below.";
      document.getElementById("files").open = true;
      return;
    }
    if (sources.length > 0) return;
    files.forEach((audio) => audio.pause());
    if (offset >= length) offset = 0;
    startedAt = context.currentTime + 0.03;
    sources = buffers.map((buffer, i) => {
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.loop = loop.checked;
      source.connect(gains[i]);
      source.start(startedAt, offset);
      return source;
    });
    sources[0].onended = () => { halt(); offset = 0; show(); };
    play.textContent = "Pause";
    tick();
  };

  const hear = (i) => {
    heard = i;
    buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === i)));
    gains.forEach((gain, k) => gain.gain.setTargetAtTime(k === i ? 1 : 0, context.currentTime, 0.004));
  };

  play.addEventListener("click", () => { if (sources.length > 0) stop(); else start(); });
  buttons.forEach((button, i) => button.addEventListener("click", () => hear(i)));
  position.addEventListener("input", () => {
    const playing = sources.length > 0;
    if (playing) halt();
    offset = Number(position.value) * (length ? 1 : 0);
    show();
    if (playing) start();
  });
  loop.addEventListener("change", () => { if (sources.length > 0) { stop(); start(); } });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // x goes back and forth between the last two clips, as target and output.
    const i = event.key === "x" ? files.length - (heard === files.length - 1 ? 2 : 1) : Number(event.key) - 1;
    if (Number.isInteger(i) && i >= 0 && i < buttons.length) {
      hear(i);
      event.preventDefault();
    } else if (event.key === " " && !event.target.closest("button, input, summary, a, audio")) {
      play.click();
      event.preventDefault();
    }
  });
})();
