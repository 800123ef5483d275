/** The reason of aborts at a call's end. Given one, an abort makes no exception with a stack, of which most calls need none. */
export const CALL_OVER = new Error('the call is over');
