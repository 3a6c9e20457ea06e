/** Injection tokens of what has no class of its own, or whose class is an adapter that may be exchanged. */
export const OPTIONS = Symbol('agent options');
export const CLOCK = Symbol('clock');
export const BUILD = Symbol('build info');
export const OPENED = Symbol('opened database');
export const ANALYZER = Symbol('face analyzer');
export const CAMERAS = Symbol('camera stations');
export const LOOPS = Symbol('recognition loops');
/** Makes what decides about the faces of one camera. */
export const NEW_DECIDER = Symbol('new decider');
/** To be called when the first frame was analysed, or it is known that there is none; may be called again. */
export const READY = Symbol('ready');
