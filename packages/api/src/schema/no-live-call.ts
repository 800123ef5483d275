import { ApiError } from './error.ts';

/** The 404 of a call that is not up, or not of this application. */
export function noLiveCall(callId: string): ApiError {
  return new ApiError(404, `There is no live call ${callId}`, 'List them with GET /v1/LiveCalls.');
}
