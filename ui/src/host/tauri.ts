// The shell as Tauri offers it. The only file that knows Tauri.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Host, HostEvents } from './host';
import type { Commands } from './ipc.gen';

const ask = <K extends keyof Commands>(command: K, args: Commands[K]['arguments']) =>
  invoke<Commands[K]['answer']>(command, args);
const tell = async <K extends keyof Commands>(command: K, args: Commands[K]['arguments']) => {
  await ask(command, args);
};

export const tauri: Host = {
  snapshot: () => ask('snapshot', {}),
  devices: () => ask('devices', {}),
  settings: () => ask('settings', {}),
  windows: () => ask('windows', {}),
  keepSettings: (sources, countdown_s, target) =>
    tell('keep_settings', { sources, countdownS: countdown_s, target: target ?? null }),
  setBubble: (bubble) => tell('set_bubble', { bubble }),
  setName: (name) => tell('set_name', { name }),
  introduce: () => tell('introduce', {}),
  library: () => ask('library', {}),
  signIn: (address) => tell('sign_in', { address }),
  cancelSignIn: () => tell('cancel_sign_in', {}),
  openSignInAgain: () => tell('open_sign_in_again', {}),
  signInWithToken: (address, token) => tell('sign_in_with_token', { address, token }),
  useOwnLibrary: () => tell('use_own_library', {}),
  speech: () => ask('speech', {}),
  getModel: (name) => tell('get_model', { name }),
  stopDownload: () => tell('stop_download', {}),
  useModel: (name) => tell('use_model', { name }),
  chooseModelFile: () => ask('choose_model_file', {}),
  removeModel: (name) => tell('remove_model', { name }),
  chooseSpeech: (chosen) => tell('choose_speech', { chosen }),
  rehearse: (sources, target) => tell('rehearse', { sources, target }),
  endRehearsal: () => tell('end_rehearsal', {}),
  record: (plan) => tell('record', { plan }),
  pause: () => tell('pause', {}),
  resume: () => tell('resume', {}),
  stop: () => ask('stop', {}),
  cancel: () => tell('cancel', {}),
  discard: () => tell('discard', {}),
  undoDiscard: () => ask('undo_discard', {}),
  restart: () => tell('restart', {}),
  lastLink: () => ask('last_link', {}),
  bar: () => ask('bar', {}),
  sizeBar: (width, height) => tell('size_bar', { width, height }),
  dragBar: (dx, dy) => tell('drag_bar', { dx, dy }),
  barMoved: () => tell('bar_moved', {}),
  dismissBar: () => tell('dismiss_bar', {}),
  painted: () => tell('painted', {}),
  zoom: (change) => tell('zoom', { change }),
  shortcuts: () => ask('shortcuts', {}),
  setShortcut: (action, keys) => tell('set_shortcut', { action, keys }),
  saveTake: (take) => ask('save_take', { take }),
  describe: (take, details) => tell('describe', { take, ...details }),
  chooseVideo: () => ask('choose_video', {}),
  importFile: (file, title) => ask('import', { file, title }),
  removeTake: (take) => tell('remove_take', { take }),
  sendNow: () => tell('send_now', {}),
  copy: (text) => tell('copy', { text }),
  open: (link) => tell('open', { link }),
  quit: (keep) => tell('quit', { keep }),
  on: <K extends keyof HostEvents>(event: K, listener: (payload: HostEvents[K]) => void) =>
    listen<HostEvents[K]>(event, ({ payload }) => listener(payload)),
};
