import type { Device, DeviceSelector } from '../../host/host';

export interface Option {
  value: DeviceSelector;
  label: string;
}

const nameOf = ({ name, width, height }: Device) =>
  width !== undefined && height !== undefined && !name.includes(String(width))
    ? `${name} (${width} × ${height})`
    : name;

/** What a person can choose of one kind of source; always with what is chosen, unless that is *off*. */
export function options(
  devices: readonly Device[],
  picked: DeviceSelector,
  offerSynthetic: boolean,
): Option[] {
  const usual = devices.find((device) => device.default) ?? devices[0];
  const several = devices.length > 1;
  const offered: Option[] = [
    ...(usual
      ? [{ value: 'default', label: several ? `Default: ${nameOf(usual)}` : nameOf(usual) }]
      : []),
    ...devices
      .filter(({ id }) => (several || id === picked) && id !== 'default')
      .map((device) => ({ value: device.id, label: nameOf(device) })),
  ];
  if (offerSynthetic || picked === 'synthetic')
    offered.push({ value: 'synthetic', label: 'Test source' });
  const isListed = offered.some(({ value }) => value === picked);
  if (!isListed && picked !== 'off' && picked !== 'default')
    offered.push({ value: picked, label: `${picked} (not found)` });
  return offered;
}
