import { childEnvironment } from '@latchkey/config';

/** What programs of libgpiod see: English messages, which are read, and nothing of the passwords of cameras and relays. */
export function gpioEnvironment(): Record<string, string> {
  return childEnvironment({
    LC_ALL: 'C',
    LATCHKEY_CAMERA: undefined,
    LATCHKEY_CAMERAS: undefined,
    LATCHKEY_DOOR_HARDWARE: undefined,
  });
}
