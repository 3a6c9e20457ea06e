/** A file of the local page. */
export interface PageAsset {
  readonly type: string;
  readonly text: string;
}

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Latchkey</title>
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<h1>Latchkey <span id="device"></span></h1>
<main id="cameras"></main>
<h2>Health</h2>
<dl id="health"></dl>
<h2>Events</h2>
<ol id="events" aria-live="polite"></ol>
</body>
</html>
`;

const css = `body { margin: 1rem auto; max-width: 60rem; padding: 0 1rem; font: 16px/1.4 system-ui, sans-serif; color: #0f172a; background: #f8fafc; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin-top: 1.5rem; } h1 span { font-weight: 400; }
figure { margin: 0 0 1rem; } .picture { position: relative; overflow: hidden; background: #1e293b; min-height: 4rem; }
.picture img { display: block; width: 100%; }
.prompt { margin: 0; padding: .6rem .8rem; font-size: 1.4rem; font-weight: 600; color: #fff; background: #1d4ed8; } .prompt:empty { display: none; }
.face { position: absolute; border: 3px solid #475569; box-shadow: 0 0 0 1px #fff; box-sizing: border-box; }
.face span { position: absolute; left: -3px; top: 100%; padding: 0 .4em; white-space: nowrap; color: #fff; background: #475569; }
.face.granted, .face.granted span { border-color: #16803c; } .face.granted span { background: #16803c; }
.face.asked, .face.asked span { border-color: #1d4ed8; } .face.asked span { background: #1d4ed8; }
.face.denied, .face.spoof { border-color: #be1e2d; } .face.denied span, .face.spoof span { background: #be1e2d; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { color: #475569; } dd { margin: 0; }
ol { padding: 0; list-style: none; } li { padding: .2rem 0; border-bottom: 1px solid #e2e8f0; }
`;

const script = `const byId = (id) => document.getElementById(id);
const element = (name, text = '', className = '') => Object.assign(document.createElement(name), { textContent: text, className });
const counted = (count, one, several) => count + ' ' + (count === 1 ? one : several);
const number = (value) => value === null ? '' : value.toFixed(3);

function showCamera(id) {
  const figure = element('figure');
  const picture = element('div', '', 'picture');
  const image = Object.assign(element('img'), { alt: 'Picture of camera ' + id });
  picture.append(image);
  // Above the picture, where nothing covers it: somebody at the door has seconds to read it.
  const prompt = Object.assign(element('p', '', 'prompt'), { role: 'status' });
  figure.append(prompt, picture, element('figcaption', id));
  byId('cameras').append(figure);
  const turn = async () => {
    try {
      const answer = await fetch('/live/' + encodeURIComponent(id));
      const live = answer.ok ? await answer.json() : null;
      if (live) {
        if (prompt.textContent !== (live.prompt ?? '')) prompt.textContent = live.prompt ?? '';
        image.src = 'data:image/jpeg;base64,' + live.jpeg;
        picture.replaceChildren(image, ...live.faces.map(({ box, decision, label }) => {
          const face = element('div', '', 'face ' + (decision ?? ''));
          const share = (part, whole) => (100 * part / whole) + '%';
          Object.assign(face.style, { left: share(box.x, live.width), top: share(box.y, live.height), width: share(box.width, live.width), height: share(box.height, live.height) });
          face.append(element('span', label));
          return face;
        }));
      }
    } catch {}
    setTimeout(turn, 250);
  };
  turn();
}

async function showHealth() {
  try {
    const status = await (await fetch('/status')).json();
    const { gallery, telemetry } = status;
    byId('device').textContent = status.siteId + '/' + status.deviceId;
    const rows = [
      ['Version', status.agentVersion + ', engine ' + status.engine],
      ['Broker', status.connected ? 'connected' : 'not connected'],
      ['Clock', status.clockTrusted ? 'trusted' : 'not trusted'],
      ['Gallery', counted(gallery.people, 'person', 'people') + ', ' + counted(gallery.encodings, 'encoding', 'encodings') + (gallery.partlyLocked ? ', damaged groups are left out' : '')],
      ['Waiting events', String(status.outboxPending)],
    ];
    if (telemetry) rows.push(['Frames', telemetry.framesPerSecond + ' a second'], ...(telemetry.cameras ?? []).map(({ id, state }) => ['Camera ' + id, state]));
    byId('health').replaceChildren(...rows.flatMap(([title, text]) => [element('dt', title), element('dd', text)]));
  } catch {
    byId('health').replaceChildren(element('dt', 'Agent'), element('dd', 'does not answer'));
  }
  setTimeout(showHealth, 5000);
}

new EventSource('/watch').onmessage = ({ data }) => {
  const { at, kind, decision, name, distance, reasons, message, cameraId } = JSON.parse(data);
  const parts = [new Date(at).toLocaleTimeString(), decision ?? kind, name, message, number(distance), cameraId, reasons.join(', ')];
  byId('events').prepend(element('li', parts.filter(Boolean).join(' · ')));
  while (byId('events').childElementCount > 50) byId('events').lastChild.remove();
};
for (const id of await (await fetch('/cameras')).json()) showCamera(id);
showHealth();
`;

/** The files of the local page by path; they refer to nothing outside of the agent. */
export const pageAssets: Readonly<Record<string, PageAsset>> = {
  '/': { type: 'text/html; charset=utf-8', text: html },
  '/page.css': { type: 'text/css; charset=utf-8', text: css },
  '/page.js': { type: 'text/javascript; charset=utf-8', text: script },
};
