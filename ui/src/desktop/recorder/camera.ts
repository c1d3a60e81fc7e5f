/** What there is to see of the camera. */
export type CameraPicture =
  { name: 'off' } | { name: 'opening' } | { name: 'picture'; address: string };
