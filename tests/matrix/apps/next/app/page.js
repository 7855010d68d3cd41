import { createAttention } from 'qkv';
import { probe, settled } from '../probe/probe.mjs';
import Client from './client';

export const dynamic = 'force-dynamic';

export default async function Page() {
  return <Client server={await settled(probe({ createAttention }))} />;
}
