// A call between two browsers: see call.py. What each says of itself goes through the page's own events; picture and sound go straight.
import { useEffect, useRef, useState } from "react";
import { Button, Spinner } from "@radix-ui/themes";
import { Icon } from "../../../ui/forms/fields.jsx";
import { refusal, send } from "../../../ui/forms/form_core.jsx"; // the forms' own copy: one module, one behaviour

const GATHERING = 2000;
const GIVES_UP = 6000;
const WANTED = { video: { width: { ideal: 1280 }, height: { ideal: 720 } }, audio: true };
const FAULTS = {
  NotAllowedError: "Браузер не пускает к камере и микрофону. Разрешите их в адресной строке (значок камеры) и попробуйте ещё раз.",
  NotFoundError: "Камера или микрофон не найдены. Подключите их или откройте эту страницу на телефоне.",
  NotReadableError: "Камеру занимает другая программа. Закройте её и попробуйте ещё раз.",
};
const NO_DEVICE = "Камера не включилась. Попробуйте другой браузер или телефон.";
const STATES = {
  waiting: "Ждём оператора", calling: "Соединяем…", connected: "На связи", lost: "Связь прервалась, соединяем снова…",
};

/** The document was loaded by a page that may not use the camera: this one may, once it is loaded itself. */
const mayAsk = () => {
  const policy = document.featurePolicy ?? document.permissionsPolicy;
  if (!policy || policy.allowsFeature("camera")) return true;
  window.location.reload();
  return false;
};

const opened = async () => {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("no devices");
  return navigator.mediaDevices.getUserMedia(WANTED);
};

/** A few codecs that every browser has: the whole list is most of a description, and long ones are not let through. */
const KNOWN = /VP8|H264|rtx/i;
const prefer = (peer) =>
  peer.getTransceivers().forEach((one) => {
    if (one.sender.track?.kind !== "video") return;
    one.setCodecPreferences?.(RTCRtpReceiver.getCapabilities("video").codecs.filter((codec) => KNOWN.test(codec.mimeType)));
  });

const gathered = (peer) =>
  new Promise((done) => {
    if (peer.iceGatheringState === "complete") return done();
    setTimeout(done, GATHERING);
    peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && done());
  });

/** How loud it is just now, 0 to 1, so that a person sees that they are heard. */
const useLoudness = (stream) => {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!stream?.getAudioTracks().length) return undefined;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 256;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getByteTimeDomainData(samples);
      setLevel(Math.min(1, Math.max(...samples.map((one) => Math.abs(one - 128))) / 64));
    }, 150);
    return () => {
      clearInterval(timer);
      context.close();
    };
  }, [stream]);
  return level;
};

const Picture = ({ stream, label, isOwn, isSmall, element }) => {
  const own = useRef(null);
  const shown = element ?? own;
  useEffect(() => {
    if (shown.current && shown.current.srcObject !== stream) shown.current.srcObject = stream;
  }, [stream]);
  return (
    <figure className={isSmall ? "call-own" : "call-other"}>
      <video ref={shown} autoPlay playsInline muted={isOwn} aria-label={label} />
    </figure>
  );
};

const Sentence = ({ text }) => (
  <div className="callout tone-act" role="alert">
    <Icon name="circle-alert" />
    <div className="callout-words">{text}</div>
  </div>
);

/** Seconds until a moment (ms since 1970) by this page's own clock, set right by the server's. */
const useUntil = (inSeconds) => {
  const [left, setLeft] = useState(inSeconds);
  useEffect(() => {
    const end = Date.now() + inSeconds * 1000;
    setLeft(inSeconds);
    if (inSeconds <= 0) return undefined;
    const timer = setInterval(() => setLeft(Math.ceil((end - Date.now()) / 1000)), 1000);
    return () => clearInterval(timer);
  }, [inSeconds]);
  return left;
};

/** The call itself, once the camera is on. `say` sends this side's description, `again` asks to be called anew. */
const useCall = ({ own, isCaller, isRunning, call, remote, relays, say, again }) => {
  const [other, setOther] = useState(null);
  const [state, setState] = useState("waiting");
  const peer = useRef(null);
  const listened = useRef("");
  const close = () => {
    peer.current?.close();
    peer.current = null;
    listened.current = "";
    setOther(null);
  };
  const begin = () => {
    close();
    const made = new RTCPeerConnection({ iceServers: relays, bundlePolicy: "max-bundle" });
    peer.current = made;
    setState("calling");
    own.getTracks().forEach((track) => made.addTrack(track, own));
    made.addEventListener("track", (event) => peer.current === made && setOther(event.streams[0]));
    made.addEventListener("connectionstatechange", () => {
      if (peer.current !== made) return;
      if (made.connectionState === "connected") setState("connected");
      if (["disconnected", "failed"].includes(made.connectionState)) setState("lost");
    });
    return made;
  };
  // The caller describes itself for each coming of the other side; the called answers each description.
  useEffect(() => {
    if (!own || !isRunning || !isCaller) return;
    const made = begin();
    const speak = async () => {
      prefer(made);
      await made.setLocalDescription(await made.createOffer());
      await gathered(made);
      if (peer.current === made) say(call, made.localDescription.sdp);
    };
    speak().catch(() => setState("lost"));
  }, [own, isRunning, call]);
  useEffect(() => {
    if (!own || !isRunning || !remote || listened.current === remote) return;
    const answer = async () => {
      const made = isCaller ? peer.current : begin();
      listened.current = remote;
      if (!made || (isCaller && made.signalingState !== "have-local-offer")) return;
      await made.setRemoteDescription({ type: isCaller ? "answer" : "offer", sdp: remote });
      if (isCaller) return;
      await made.setLocalDescription(await made.createAnswer());
      await gathered(made);
      if (peer.current === made) say(call, made.localDescription.sdp);
    };
    answer().catch(() => setState("lost"));
  }, [own, isRunning, remote]);
  // The called side comes anew when the line stays dead; the caller then calls again by itself.
  useEffect(() => {
    if (state !== "lost" || isCaller || !isRunning) return undefined;
    const timer = setTimeout(again, GIVES_UP);
    return () => clearTimeout(timer);
  }, [state, isRunning]);
  useEffect(() => {
    if (isRunning) return;
    close();
    setState("waiting");
  }, [isRunning]);
  useEffect(() => close, []);
  return { other, state };
};

const took = async (video, action) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  if (!picture) return { status: 0, body: {} };
  const loaded = await send("/api/files/form");
  if (loaded.status !== 200) return loaded;
  const body = new FormData();
  body.append("file", picture, "still.jpg");
  try {
    const response = await fetch(action, { method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": loaded.body.csrf, Accept: "application/json" }, body });
    return { status: response.status, body: await response.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
};

export function VideoCall({ isCaller, isRunning, hasCome, opensIn, call, remote, relays, stillAction, onCome, onSay }) {
  const [own, setOwn] = useState(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const [isMuted, setMuted] = useState(false);
  const picture = useRef(null);
  const left = useUntil(opensIn);
  const level = useLoudness(own);
  const { other, state } = useCall({
    own, isCaller, isRunning, call, remote: remote || "", relays: relays ?? [], say: onSay, again: () => onCome(),
  });
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => (isHere.current = false);
  }, []);
  const turnOn = async () => {
    if (own || busy || !mayAsk()) return;
    setBusy(true);
    setFault("");
    try {
      const stream = await opened();
      if (!isHere.current) return stream.getTracks().forEach((track) => track.stop());
      setOwn(stream);
    } catch (problem) {
      setFault(FAULTS[problem.name] ?? NO_DEVICE);
    }
    setBusy(false);
  };
  useEffect(() => {
    mayAsk();
  }, []);
  // Whoever has come already, or is just calling, needs no second click after a reload.
  useEffect(() => {
    if (isRunning || hasCome) turnOn();
  }, [isRunning, hasCome]);
  useEffect(() => () => own?.getTracks().forEach((track) => track.stop()), [own]);
  const came = useRef(false);
  useEffect(() => {
    if (!own || isCaller || !hasCome || came.current) return;
    came.current = true; // this page has not come yet, only an earlier one: be called anew
    onCome();
  }, [own, hasCome]);
  const come = () => {
    came.current = true;
    onCome();
  };
  const mute = () => {
    own.getAudioTracks().forEach((track) => (track.enabled = isMuted));
    setMuted(!isMuted);
  };
  const take = async () => {
    if (busy || !picture.current?.videoWidth) return;
    setBusy(true);
    const answer = await took(picture.current, stillAction);
    setFault(answer.status >= 200 && answer.status < 300 ? "" : refusal(answer) || "Кадр не сохранён. Снимите его ещё раз.");
    setBusy(false);
  };
  return (
    <div className="call" data-state={state}>
      {fault && <Sentence text={fault} />}
      {own && (
        <div className="call-stage">
          {other && <Picture stream={other} label="Собеседник" element={picture} />}
          <Picture stream={own} label="Вы" isOwn isSmall={Boolean(other)} />
        </div>
      )}
      {own && (
        <div className="call-foot">
          <label className="call-level">
            Микрофон <meter min="0" max="1" value={isMuted ? 0 : level} />
          </label>
          {(isRunning || hasCome) && (
            <span role="status" className="call-state">
              {state === "calling" && <Spinner />} {isRunning ? STATES[state === "waiting" ? "calling" : state] : STATES.waiting}
            </span>
          )}
        </div>
      )}
      <div className="call-acts">
        {!own && (
          <Button size="3" onClick={turnOn} variant={isRunning ? "solid" : "surface"} aria-disabled={busy || undefined}>
            {busy && <Spinner />} {isRunning || isCaller ? "Включить камеру" : "Проверить камеру и микрофон"}
          </Button>
        )}
        {own && !isCaller && !hasCome && left <= 0 && (
          <Button size="3" onClick={come}>
            Я на месте, можно звонить
          </Button>
        )}
        {own && !isCaller && !hasCome && left > 0 && <p className="note">Камера и микрофон работают. Подключиться можно за 10 минут до звонка.</p>}
        {own && (isRunning || hasCome) && (
          <Button size="3" variant="surface" color="gray" onClick={mute} aria-pressed={isMuted}>
            {isMuted ? "Включить микрофон" : "Выключить микрофон"}
          </Button>
        )}
        {isCaller && other && (
          <Button size="3" onClick={take} data-hotkey="KeyC" aria-disabled={busy || undefined}>
            <Icon name="camera" /> Снять кадр
          </Button>
        )}
      </div>
    </div>
  );
}
