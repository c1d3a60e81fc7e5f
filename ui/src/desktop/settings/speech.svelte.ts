import { attempt } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { ChosenEndpoint, EndpointView, SpeechView } from '../../host/host';
import type { Desktop } from '../desktop.svelte';

/** The two things that an endpoint may do in place of this computer. */
export type EndpointKind = 'insights' | 'transcription';

/** An endpoint while the person writes it. */
export class EndpointDraft {
  on = $state(false);
  address = $state('');
  model = $state('');
  /** Empty: the key that is saved stays. */
  key = $state('');
  hasKey = $state(false);

  show(endpoint: EndpointView | null) {
    this.on = endpoint !== null;
    this.address = endpoint?.url ?? this.address;
    this.model = endpoint?.model ?? this.model;
    this.hasKey = endpoint?.has_key ?? false;
    this.key = '';
  }

  chosen(): ChosenEndpoint | null {
    const key = this.key.trim();
    return this.on
      ? { address: this.address, model: this.model, key: key === '' ? null : key }
      : null;
  }
}

/** What transcribes what is said: models, a download, endpoints. */
export class SpeechSetup {
  view = $state.raw<SpeechView>();
  /** Why the last wish was refused. */
  problem = $state.raw<Problem>();
  /** Whether what stands in the fields is what is saved. */
  saved = $state(true);
  busy = $state(false);
  mirror = $state('');
  readonly endpoints: Record<EndpointKind, EndpointDraft> = {
    insights: new EndpointDraft(),
    transcription: new EndpointDraft(),
  };

  constructor(private readonly desktop: Desktop) {}

  /** Listens first and asks then. Gives what ends the listening. */
  async open(): Promise<() => void> {
    const stop = await this.desktop.host.on('speech', (view) => this.#show(view));
    await this.#attempt(async () => this.#show(await this.desktop.host.speech()));
    this.#loadFields();
    return stop;
  }

  /** Whether this computer transcribes, so that a model is needed. */
  get lacksModel(): boolean {
    const { view } = this;
    return view !== undefined && !view.off && view.transcription === null && !this.hasModel;
  }

  get hasModel(): boolean {
    return (
      this.view !== undefined &&
      (this.view.file !== null || this.view.models.some((model) => model.in_use))
    );
  }

  get = (name: string) => this.#attempt(() => this.desktop.host.getModel(name));
  stop = () => this.#attempt(() => this.desktop.host.stopDownload());
  use = (name: string) => this.#change(() => this.desktop.host.useModel(name), `${name} is in use`);
  remove = (name: string) =>
    this.#change(() => this.desktop.host.removeModel(name), `${name} is removed`);
  chooseFile = () =>
    this.#change(() => this.desktop.host.chooseModelFile(), 'Your model is in use');
  setOff = (off: boolean) => this.#choose(off);
  keep = () => this.#choose(this.view?.off ?? false);

  #choose(off: boolean) {
    const { mirror, endpoints } = this;
    const chosen = {
      off,
      mirror,
      insights: endpoints.insights.chosen(),
      transcription: endpoints.transcription.chosen(),
    };
    return this.#change(async () => {
      await this.desktop.host.chooseSpeech(chosen);
      this.saved = true;
    }, 'Kept');
  }

  #show(view: SpeechView) {
    this.view = view;
  }

  /** Puts what is saved into the fields. */
  #loadFields() {
    const { view } = this;
    if (!view) return;
    this.mirror = view.mirror ?? '';
    this.endpoints.insights.show(view.insights);
    this.endpoints.transcription.show(view.transcription);
    this.saved = true;
  }

  /** Says `said` unless the person left it. */
  async #change(change: () => Promise<unknown>, said: string) {
    let left = false;
    const done = await this.#attempt(async () => {
      left = (await change()) === false;
      this.#show(await this.desktop.host.speech());
    });
    if (done && !left) {
      this.#loadFields();
      this.desktop.announcer.say(said);
    }
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    const done = await attempt(work, (problem) => (this.problem = problem));
    this.busy = false;
    return done;
  }
}
