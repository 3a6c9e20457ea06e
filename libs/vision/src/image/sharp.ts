import type Sharp from 'sharp';

let loaded: Promise<typeof Sharp> | null = null;

/**
 * sharp, loaded when the first picture is read or written: networks are up sooner without it. Everything about it that holds
 * for the whole process is set here.
 */
export function loadSharp(): Promise<typeof Sharp> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    // Pictures come once: what libvips keeps of them for another time would only be memory.
    sharp.cache(false);

    // One thread for each picture: several are worked on at once, and each thread more has buffers of its own.
    sharp.concurrency(1);

    // Whatever a file claims to be, no other decoder than these looks at it: libvips chooses by the content, and SVG can refer
    // to other files, also over the network.
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({
      operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}`),
    });
    return sharp;
  });
  return loaded;
}
