import type { TakeView } from '../host/host';

/** What is asked before something that cannot be taken back. */
export interface Question {
  title: string;
  /** What would be lost, and what stays. */
  text: string;
  /** A verb: what the button does. */
  yes: string;
  run: () => unknown;
}

/** Asks before takes are removed from this computer; those in `gone` are in no library any more. */
export function removal(
  takes: readonly TakeView[],
  gone: readonly string[],
  run: () => unknown,
): Question {
  const one = takes.length === 1;
  const lost = takes.filter(
    ({ id, whereabouts }) => whereabouts.place !== 'safe' || gone.includes(id),
  ).length;
  const which = one ? '' : lost === takes.length ? ' of all of them' : ` of ${lost} of them`;
  return {
    title: `Remove ${one ? 'this recording' : `${takes.length} recordings`} from this computer?`,
    text:
      lost === 0
        ? 'What is in the library stays there.'
        : `What the library does not have${which} is lost. This cannot be undone.`,
    yes: 'Remove',
    run,
  };
}

/** Asks before clips are deleted for everybody; so many of those chosen are not theirs to delete. */
export function deletion(count: number, others: number, run: () => unknown): Question {
  const rest =
    others === 0
      ? ''
      : ` ${others} of the selected ${others === 1 ? 'is' : 'are'} not yours and ${others === 1 ? 'stays' : 'stay'}.`;
  return {
    title: `Delete ${count === 1 ? 'this recording' : `${count} recordings`} from the library?`,
    text: `${count === 1 ? 'The video and its replies are' : 'The videos and their replies are'} deleted for everybody. This cannot be undone.${rest}`,
    yes: 'Delete',
    run,
  };
}
