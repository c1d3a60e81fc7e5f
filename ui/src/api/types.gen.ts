// Placeholder until the library's OpenAPI document stands; the same shapes by hand.
export interface components {
  schemas: {
    ClipState: 'recording' | 'arriving' | 'ready' | 'interrupted';
    ClipView: {
      title: string; summary: string; summary_html: string; author: string; recorded_at_us: number;
      state: components['schemas']['ClipState']; live: boolean; duration_us: number; size_bytes: number;
      width: number; height: number; poster?: string | null; hls?: string | null; mp4?: string | null; replies: number;
    };
    OwnClip: components['schemas']['ClipView'] & { id: string; key: string; link: string; sealed_sha256?: string | null };
    ClipPage: { clips: components['schemas']['OwnClip'][]; next?: string | null };
    ClipChange: { title?: string | null; summary?: string | null; live?: boolean | null; stopped?: boolean | null };
    Reply: {
      id: string; parent?: string | null; name: string; member: boolean; body: string; body_html: string;
      at_us?: number | null; created_at_us: number; edited_at_us?: number | null; mine: boolean;
    };
    NewReply: { body: string; name?: string | null; at_us?: number | null; parent?: string | null };
    PostedReply: { reply: components['schemas']['Reply']; secret?: string | null };
    ErrorCode: string;
    Problem: { code: components['schemas']['ErrorCode']; message: string; help: string };
    Me: { person: string; name: string; library: string; version: string };
  };
}
