// The parts of a library that one can look at, as its rail lists them.
import type { IconName } from '../parts/icons';
import type { ClipSelection } from '../api/types';

export type Place = ClipSelection | 'unsent' | 'here';

interface Named {
  place: Place;
  label: string;
  icon: IconName;
  /** What is said where there is nothing. */
  empty: string;
}

export const PLACES: readonly Named[] = [
  {
    place: 'all',
    label: 'All recordings',
    icon: 'library',
    empty: 'Recordings appear here while they are being made.',
  },
  { place: 'mine', label: 'Mine', icon: 'person', empty: 'Your recordings appear here.' },
  { place: 'unread', label: 'Unread', icon: 'record', empty: 'You have seen everything.' },
  {
    place: 'unsent',
    label: 'Not sent yet',
    icon: 'clock',
    empty: 'Everything that was recorded here is in the library.',
  },
  {
    place: 'here',
    label: 'On this computer',
    icon: 'here',
    empty: 'No recording is kept on this computer.',
  },
];

/** Which clips to ask the library for. */
export function selectionOf(place: Place): ClipSelection {
  return place === 'mine' || place === 'unread' ? place : 'all';
}

/** The place that an address names by `?only=`, as the page without a script does. */
export function placeOf({ search }: Pick<Location, 'search'>): Place {
  const only = new URLSearchParams(search).get('only');
  return only === 'mine' || only === 'unread' ? only : 'all';
}
