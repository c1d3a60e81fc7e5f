import { attempt } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { Announcer } from '../../announcer.svelte';
import type { ChosenEndpoint, EndpointView, Host, ListedModel, SpeechView } from '../../host/host';

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

  constructor(
    private readonly host: Host,
    private readonly announcer: Announcer,
  ) {}

  /** Listens first and asks then. */
  async open() {
    await this.host.on('speech', (view) => this.#show(view));
    await this.refresh();
  }

  /** Asks again: the command line may have changed something. */
  async refresh() {
    await this.#attempt(async () => this.#show(await this.host.speech()));
    this.#loadFields();
  }

  /** The model that most people want, to be offered where there is none. */
  get usualModel(): ListedModel | undefined {
    return this.view?.models.find((model) => model.default_for === 'english');
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

  get = (name: string) => this.#attempt(() => this.host.getModel(name));
  stop = () => this.#attempt(() => this.host.stopDownload());
  use = (name: string) => this.#change(() => this.host.useModel(name), 'Transcription changed');
  remove = (name: string) =>
    this.#change(() => this.host.removeModel(name), 'Removed from this computer');
  chooseFile = () => this.#change(() => this.host.chooseModelFile(), 'Your model is used');
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
      await this.host.chooseSpeech(chosen);
      this.saved = true;
    }, 'Saved');
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
      this.#show(await this.host.speech());
    });
    if (done && !left) {
      this.#loadFields();
      this.announcer.say(said);
    }
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    const done = await attempt(work, (problem) => (this.problem = problem));
    this.busy = false;
    return done;
  }
}
