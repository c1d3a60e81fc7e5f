// The light build has the same interface, and ships no declarations.
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
