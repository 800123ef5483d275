import { EventEmitter } from 'node:events';
import type { Finding, MediaSession } from '@voxology/media';
import { expect, test } from 'vitest';
import type { CallInput } from '../call/input.ts';
import { CallDetections } from './call-detections.ts';

test('the analysis ends with the last finding that is wanted', () => {
  const told: CallInput[] = [];
  const stopped: string[] = [];
  const emitter = new EventEmitter();
  const session = Object.assign(emitter, {
    startAnalysis: () => undefined,
    stopAnalysis: (id: string) => void stopped.push(id),
  }) as unknown as MediaSession;
  const detections = new CallDetections((input) => void told.push(input));
  detections.carryOut(session, { type: 'start_detection', detectionId: 'a', want: ['party'] });
  detections.carryOut(session, { type: 'start_detection', detectionId: 'b', want: ['party', 'beep'] });
  const find = (analysisId: string, kind: Finding['kind']) =>
    emitter.emit('finding', { analysisId, finding: { kind } });
  find('a', 'tone');
  find('a', 'answering_machine');
  find('a', 'fax');
  find('b', 'answering_machine');
  expect(stopped).toEqual(['a']);
  find('b', 'beep');
  detections.carryOut(session, { type: 'stop_detection', detectionId: 'b' });
  expect(stopped).toEqual(['a', 'b']);
  expect(told).toMatchObject([
    { type: 'party_detected', detectionId: 'a', party: 'answering_machine' },
    { type: 'party_detected', detectionId: 'b' },
    { type: 'beep_detected', detectionId: 'b' },
  ]);
});
