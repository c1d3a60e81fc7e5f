// The shell as Tauri offers it. The only file that knows Tauri.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Host, HostEvents } from './host';

export const tauri: Host = {
  snapshot: () => invoke('snapshot'),
  devices: () => invoke('devices'),
  settings: () => invoke('settings'),
  keepSettings: (sources, countdown_s) => invoke('keep_settings', { sources, countdownS: countdown_s }),
  library: () => invoke('library'),
  signIn: (address) => invoke('sign_in', { address }),
  signInWithToken: (address, token) => invoke('sign_in_with_token', { address, token }),
  useOwnLibrary: () => invoke('use_own_library'),
  speech: () => invoke('words'),
  getModel: (name) => invoke('get_model', { name }),
  stopDownload: () => invoke('stop_download'),
  useModel: (name) => invoke('use_model', { name }),
  chooseModelFile: () => invoke('choose_model_file'),
  removeModel: (name) => invoke('remove_model', { name }),
  chooseSpeech: (chosen) => invoke('choose_words', { chosen }),
  rehearse: (sources) => invoke('rehearse', { sources }),
  endRehearsal: () => invoke('end_rehearsal'),
  record: (plan) => invoke('record', { plan }),
  pause: () => invoke('pause'),
  resume: () => invoke('resume'),
  stop: () => invoke('stop'),
  cancel: () => invoke('cancel'),
  describe: (take, details) => invoke('describe', { take, ...details }),
  chooseVideo: () => invoke('choose_video'),
  importFile: (file, title) => invoke('import', { file, title }),
  removeTake: (take) => invoke('remove_take', { take }),
  sendNow: () => invoke('send_now'),
  copy: (text) => invoke('copy', { text }),
  open: (link) => invoke('open', { link }),
  quit: (keep) => invoke('quit', { keep }),
  on: <K extends keyof HostEvents>(event: K, listener: (payload: HostEvents[K]) => void) =>
    listen<HostEvents[K]>(event, ({ payload }) => listener(payload)),
};
