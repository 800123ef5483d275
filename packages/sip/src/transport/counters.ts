/** What the stack counts; plain numbers that only grow, but for `transactions`. */
export interface Counters {
  requestsReceived: number;
  requestsSent: number;
  responsesReceived: number;
  responsesSent: number;
  /** Copies of requests and responses that we sent again. */
  retransmissionsSent: number;
  /** Copies of requests that came again. */
  retransmissionsReceived: number;
  /** Messages that could not be read. */
  malformed: number;
  /** ACKs, CANCELs and in-dialog requests that belong to nothing here. */
  strayRequests: number;
  strayResponses: number;
  /** Requests refused because there were too many transactions. */
  overloaded: number;
  /** Socket errors apart from any message. */
  transportFaults: number;
  /** Transactions that live now. */
  transactions: number;
}

export function newCounters(): Counters {
  return {
    requestsReceived: 0,
    requestsSent: 0,
    responsesReceived: 0,
    responsesSent: 0,
    retransmissionsSent: 0,
    retransmissionsReceived: 0,
    malformed: 0,
    strayRequests: 0,
    strayResponses: 0,
    overloaded: 0,
    transportFaults: 0,
    transactions: 0,
  };
}
