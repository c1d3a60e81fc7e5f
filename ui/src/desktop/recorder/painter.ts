// Draws pictures that come as addresses onto a canvas: the newest, at most ten a second, and none
// while the page is hidden. A canvas that changes is painted alone; an `<img>` that gets another
// address is laid out again, with everything around it.

const INTERVAL_MS = 100;
const JPEG = 'data:image/jpeg;base64,';

export class Painter {
  #wanted: string | undefined;
  #running = false;
  #drawn_ms = -INTERVAL_MS;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** Shows this picture, unless a newer one comes before it could be drawn. */
  show(address: string) {
    this.#wanted = address;
    if (!this.#running) void this.#run();
  }

  /** Draws nothing any more. */
  stop() {
    this.#wanted = undefined;
  }

  async #run() {
    this.#running = true;
    while (this.#wanted !== undefined) {
      const wait_ms = this.#drawn_ms + INTERVAL_MS - performance.now();
      if (wait_ms > 0) await new Promise((resolve) => setTimeout(resolve, wait_ms));
      const address = this.#wanted;
      this.#wanted = undefined;
      if (address === undefined || document.hidden) continue;
      this.#drawn_ms = performance.now();
      // A picture that cannot be decoded is passed over: the next one follows.
      await this.#draw(address).catch(() => undefined);
    }
    this.#running = false;
  }

  async #draw(address: string) {
    const { canvas } = this;
    const picture = await decoded(address);
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      canvas.width = picture.width;
      canvas.height = picture.height;
    }
    canvas.getContext('2d')?.drawImage(picture, 0, 0);
    if (picture instanceof ImageBitmap) picture.close();
  }
}

async function decoded(address: string): Promise<ImageBitmap | HTMLImageElement> {
  if (address.startsWith(JPEG)) {
    const bytes = Uint8Array.from(atob(address.slice(JPEG.length)), (c) => c.charCodeAt(0));
    return createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
  }
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}
