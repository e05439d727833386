// A participant of the benchmark in a browser: a connection per peer, nothing shown, and once a second what came.
// `tell` is bound by whoever opened the page. Stamps are those of meshconf/media/stamp.py.
"use strict";

const BLOCK = 16, BITS = 40, BLOCKS_A_ROW = 20, WRAP = 2 ** 32, FREEZE_MS = 200;

const checksum = (value) => {
  let sum = 0xa5;
  for (let shift = 0; shift < 4; shift++) sum += Math.floor(value / 256 ** shift) % 256;
  return sum % 251;
};

const columns = (width) => Math.max(1, Math.min(BLOCKS_A_ROW, Math.floor(width / BLOCK)));

// Writes milliseconds into the corner of a brightness plane.
function paint(plane, stride, width, ms) {
  const value = ms % WRAP, across = columns(width), rows = Math.ceil(BITS / across);
  const word = BigInt(value) * 256n + BigInt(checksum(value));
  for (let n = 0; n < rows * across; n++) {
    const bright = n < BITS && (word >> BigInt(BITS - 1 - n)) & 1n;
    const top = Math.floor(n / across) * BLOCK, left = (n % across) * BLOCK;
    for (let row = top; row < top + BLOCK; row++) {
      plane.fill(bright ? 235 : 16, row * stride + left, row * stride + left + BLOCK);
    }
  }
}

// The milliseconds in the corner of a brightness plane, or null. The picture may have been scaled on its way.
function read(plane, stride, across, block) {
  const side = Math.max(1, Math.floor(block / 2));
  let word = 0n;
  for (let n = 0; n < BITS; n++) {
    const top = Math.round((Math.floor(n / across) + 0.25) * block), left = Math.round(((n % across) + 0.25) * block);
    let sum = 0;
    for (let row = top; row < top + side; row++) {
      for (let column = left; column < left + side; column++) sum += plane[row * stride + column];
    }
    const bright = sum / side ** 2;
    if (Math.abs(bright - 125.5) < 48) return null;
    word = word * 2n + (bright > 125.5 ? 1n : 0n);
  }
  const value = Number(word >> 8n);
  return Number(word & 255n) === checksum(value) ? value : null;
}

// A track with the same pictures, each with the moment at which the camera gave it.
function stamped(track) {
  const generator = new MediaStreamTrackGenerator({ kind: "video" });
  const paintEach = new TransformStream({
    async transform(frame, out) {
      const taken = Date.now(), buffer = new Uint8Array(frame.allocationSize());
      const layout = await frame.copyTo(buffer);
      paint(buffer.subarray(layout[0].offset), layout[0].stride, frame.codedWidth, taken);
      out.enqueue(new VideoFrame(buffer, {
        format: frame.format, codedWidth: frame.codedWidth, codedHeight: frame.codedHeight,
        timestamp: frame.timestamp, layout, transfer: [buffer.buffer],
      }));
      frame.close();
    },
  });
  new MediaStreamTrackProcessor({ track }).readable.pipeThrough(paintEach).pipeTo(generator.writable);
  return generator;
}

// What came from one peer.
class View {
  constructor(connection, stamps) {
    this.connection = connection;
    this.stamps = stamps;
    this.before = {};
    this.last = this.counted = this.frozen = 0;
    this.freezes = [];
    this.delays = [];
    connection.ontrack = ({ track }) => {
      if (track.kind === "audio") {
        // Sound is decoded only where it is played.
        const player = document.createElement("audio");
        player.srcObject = new MediaStream([track]);
        player.play();
      } else if (stamps) {
        this.watch(new MediaStreamTrackProcessor({ track }).readable.getReader());
      }
    };
  }

  async watch(reader) {
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) return;
      const now = Date.now(), across = columns(this.stamps);
      const block = (BLOCK * frame.codedWidth) / this.stamps, rows = Math.ceil(BITS / across) * block;
      const gap = now - this.last;
      if (this.last && gap > FREEZE_MS) {
        this.freezes.push(gap);
        this.count(now);
      }
      this.last = now;
      // Even, since colours have half as many.
      const rect = { x: 0, y: 0, width: frame.codedWidth, height: 2 * Math.ceil(rows / 2) };
      const buffer = new Uint8Array(frame.allocationSize({ rect }));
      const layout = await frame.copyTo(buffer, { rect });
      const taken = read(buffer.subarray(layout[0].offset), layout[0].stride, across, block);
      if (taken !== null) this.delays.push((now % WRAP) - taken);
      frame.close();
    }
  }

  count(now) {
    this.frozen += now - Math.max(this.last, this.counted);
    this.counted = now;
  }

  async second(peer, elapsed) {
    const now = Date.now();
    if (this.last && now - this.last > FREEZE_MS) this.count(now);
    let camera = { source: "camera", fps: 0 }, octets = 0, sent = {};
    const sound = { source: "mic" };
    for (const entry of (await this.connection.getStats()).values()) {
      if (entry.type === "transport") octets = this.since("octets", entry.bytesReceived);
      if (entry.type === "outbound-rtp" && entry.kind === "video") sent = { sent_height: entry.frameHeight };
      if (entry.type !== "inbound-rtp") continue;
      if (entry.kind === "video") {
        camera = { ...camera, width: entry.frameWidth, height: entry.frameHeight };
        camera.fps = this.since("frames", entry.framesDecoded ?? 0) / elapsed;
        if (this.stamps) Object.assign(camera, { frozen_ms: this.frozen, freezes_ms: this.freezes, delays_ms: this.delays });
      } else {
        const samples = this.since("samples", entry.totalSamplesReceived ?? 0);
        const made = this.since("made", (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0));
        sound.concealed = samples ? made / samples : null;
      }
    }
    this.frozen = 0;
    this.freezes = [];
    this.delays = [];
    return { peer, ...sent, down_bps: (octets * 8) / elapsed, sources: [camera, sound] };
  }

  since(name, value) {
    const fresh = value - (this.before[name] ?? 0);
    this.before[name] = value;
    return Math.max(0, fresh);
  }
}

const participant = {
  views: new Map(),
  tracks: [],

  // `task`: what to send, if anything. `stamps`: how wide stamped pictures are when they are sent, or 0: no stamps.
  async start(task, stamps) {
    this.task = task;
    this.stamps = stamps;
    if (task) {
      const media = await navigator.mediaDevices.getUserMedia({
        video: { width: { exact: task.width }, height: { exact: task.height }, frameRate: task.fps },
        // The others have no such processing either.
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      const [sound] = media.getAudioTracks(), [camera] = media.getVideoTracks();
      this.tracks = [sound, stamps ? stamped(camera) : camera];
    }
    let before = performance.now();
    setInterval(async () => {
      const now = performance.now(), elapsed = (now - before) / 1000;
      before = now;
      const links = await Promise.all([...this.views].map(([peer, view]) => view.second(peer, elapsed)));
      tell(JSON.stringify({ event: "stats", links }));
    }, 1000);
  },

  connect(peer) {
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.views.set(peer, new View(connection, this.stamps));
    for (const track of this.tracks) connection.addTrack(track);
    return connection;
  },

  async offer(peer) {
    const connection = this.connect(peer);
    this.prefer(connection);
    await connection.setLocalDescription();
    await gathered(connection);
    return connection.localDescription.sdp;
  },

  async answer(peer, sdp) {
    const connection = this.connect(peer);
    await connection.setRemoteDescription({ type: "offer", sdp: this.begin(sdp) });
    if (this.task) this.prefer(connection);
    await connection.setLocalDescription();
    await this.limit(connection);
    await gathered(connection);
    return connection.localDescription.sdp;
  },

  async accept(peer, sdp) {
    const { connection } = this.views.get(peer);
    await connection.setRemoteDescription({ type: "answer", sdp: this.begin(sdp) });
    await this.limit(connection);
  },

  prefer(connection) {
    const wanted = [`video/${this.task.codec}`, "video/rtx", "video/red", "video/ulpfec"];
    const codecs = RTCRtpSender.getCapabilities("video").codecs.filter((codec) => wanted.includes(codec.mimeType));
    for (const transceiver of connection.getTransceivers()) {
      if (transceiver.receiver.track.kind === "video") transceiver.setCodecPreferences(codecs);
    }
  },

  // Starts at the bitrate that is asked for rather than at 300 kbit/s: as in the middle of a call.
  begin(sdp) {
    if (!this.task) return sdp;
    const type = new RegExp(`a=rtpmap:(\\d+) ${this.task.codec}/90000\r\n`, "g");
    return sdp.replace(type, (line, number) => `${line}a=fmtp:${number} x-google-start-bitrate=${this.task.bitrate / 1000}\r\n`);
  },

  async limit(connection) {
    for (const sender of connection.getSenders()) {
      if (sender.track?.kind !== "video") continue;
      const parameters = sender.getParameters();
      parameters.encodings[0].maxBitrate = this.task.bitrate;
      await sender.setParameters(parameters);
    }
  },
};

function gathered(connection) {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    connection.onicegatheringstatechange = () => connection.iceGatheringState === "complete" && resolve();
  });
}
