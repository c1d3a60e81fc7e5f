// Made from server/openapi.json by `npm run types`.
export interface paths {
  '/api/v1/c/{key}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What the link shows of the clip. */
    get: operations['watch_clip'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/c/{key}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What happens to the clip from now on. The first event is the clip as it is. Whoever falls behind is hung up on, asks for
     *     the replies again and listens again.
     */
    get: operations['clip_events'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/c/{key}/progress': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Notes that the requester has the clip open, and how far they have watched it. Nobody else is told; lists give it back to them as
     *     `progress`.
     */
    put: operations['put_progress'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/c/{key}/reactions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** All reactions to a clip, by moment. */
    get: operations['list_reactions'];
    put?: never;
    /**
     * Reacts at a moment, to whole seconds; the same reaction again changes nothing. A guest gets a secret with their first one, which
     *     they send with the next.
     */
    post: operations['post_reaction'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/c/{key}/reactions/{reaction}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Takes a reaction away: whoever made it, or the clip's author. */
    delete: operations['delete_reaction'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/c/{key}/replies': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Replies to a clip: threads by the moment of the reply they begin with, each reply before its follow-ups. */
    get: operations['list_replies'];
    put?: never;
    /** Adds a reply. A guest gets a secret with which to change or delete it. */
    post: operations['post_reply'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/c/{key}/replies/{reply}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Deletes a reply and its follow-ups: its writer, or the clip's author. */
    delete: operations['delete_reply'];
    options?: never;
    head?: never;
    /** New words for a reply, from its writer: by token, or by `Vignette-Reply-Secret`. */
    patch: operations['change_reply'];
    trace?: never;
  };
  '/api/v1/c/{key}/transcript': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What was said in the clip, chapters and tasks. Empty while nothing is known; `conflict` while it may not be watched yet.
     *     Ask again when `transcript` of the clip has another version.
     */
    get: operations['get_transcript'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clips': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The library's clips, newest first. */
    get: operations['list_clips'];
    put?: never;
    /**
     * Makes a clip: its link and its upload address, before anything is recorded.
     * @description The same take gives the same clip; the upload address is new each time, and the one before ends.
     */
    post: operations['create_clip'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clips/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One clip. */
    get: operations['get_clip'];
    put?: never;
    post?: never;
    /** Deletes a clip with its replies and its bytes. */
    delete: operations['delete_clip'];
    options?: never;
    head?: never;
    /** Changes what is given, leaves the rest. */
    patch: operations['change_clip'];
    trace?: never;
  };
  '/api/v1/clips/{id}/key': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Gives the clip a new link; the one before shows nothing any more. */
    post: operations['rotate_key'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clips/{id}/poster': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Sets the poster: a JPEG of at most 1 MiB. */
    put: operations['put_poster'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/clips/{id}/transcript': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Takes all that a machine has made of the clip so far, in place of what a machine made before; what a person wrote stays.
     * @description A `revision` that is not higher than the last is passed over, with `204` too.
     */
    put: operations['put_transcript'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Writes what a person says in place of what a machine made: all of the change or nothing. What is left out stays.
     * @description `conflict` if no cue begins at one of the given instants any more.
     */
    patch: operations['edit_transcript'];
    trace?: never;
  };
  '/api/v1/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What happens in the library from now on. Whoever falls behind is hung up on, asks for the clips and listens again. */
    get: operations['library_events'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/me': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who asks, and which library this is. */
    get: operations['me'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/search': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Where words stand in titles, summaries, in what was said and in replies: the best few places of each clip, the best clip
     *     first. Only what the requester may see.
     */
    get: operations['search'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/token': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** UploadLocks a sign-in code into a token (RFC 6749 §4.1.3 with RFC 7636 §4.5). Takes JSON as well as a form. */
    post: operations['exchange_code'];
    /** Signs out: the token that the request carries ends. */
    delete: operations['sign_out'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/uploads': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Starts an upload in tus 1.0 or a draft of resumable uploads. `Location` is the address to go on at; it is a secret. */
    post: operations['create_upload'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/uploads/{upload}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** `HEAD`, `PATCH` or `DELETE` of clients that can send none of them. */
    post: operations['override_upload'];
    /**
     * Gives up, and the address ends. A clip that the upload alone made is deleted if it is not complete; of any other clip, what has
     *     arrived is sealed.
     */
    delete: operations['end_upload'];
    options?: never;
    /** How far the upload has come. A request for the same upload that still waits for bytes is ended first. */
    head: operations['upload_status'];
    /**
     * Adds bytes at an offset and acknowledges them once they are durable: all of them, or none if a digest is sent. Without
     *     a digest, what arrived of a broken body is kept.
     */
    patch: operations['append_upload'];
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description A moment of a clip, or a range if it has an end. */
    Anchor: {
      end_us?: components['schemas']['Micros'] | null;
      shape?: components['schemas']['Shape'] | null;
      /** @description The moment, or where the range begins. */
      start_us: components['schemas']['Micros'];
    };
    /** @description A part of a clip about one thing. It ends where the next begins. */
    Chapter: {
      /** @description Where it begins in the clip. */
      start_us: components['schemas']['Micros'];
      /** @description What it is about. */
      title: components['schemas']['ChapterTitle'];
    };
    /** @description What a chapter is about. */
    ChapterTitle: string;
    /** @description What the author changes; what is left out stays. */
    ClipChange: {
      /** @description Whether those without an account may reply; at first they may. */
      guests?: boolean | null;
      /** @description Whether it may be watched while it is being recorded. */
      live?: boolean | null;
      /** @description `true` once the recording has stopped, though bytes may still be on their way. */
      stopped?: boolean | null;
      summary?: components['schemas']['Summary'] | null;
      title?: components['schemas']['Title'] | null;
    };
    /** @description What happened to a clip, sent as a server-sent event. A listener that was away asks for the whole again. */
    ClipEvent:
      | {
          /** @description The clip. */
          clip: components['schemas']['ClipView'];
          /** @enum {string} */
          event: 'clip';
        }
      | {
          /** @enum {string} */
          event: 'reply';
          /** @description The reply. */
          reply: components['schemas']['Reply'];
        }
      | {
          /** @enum {string} */
          event: 'reply_deleted';
          /** @description Which reply. */
          id: components['schemas']['ReplyId'];
        }
      | {
          /** @enum {string} */
          event: 'reaction';
          /** @description The reaction. */
          reaction: components['schemas']['Reaction'];
        }
      | {
          /** @enum {string} */
          event: 'reaction_deleted';
          /** @description Which reaction. */
          id: components['schemas']['ReactionId'];
        }
      | {
          /** @enum {string} */
          event: 'gone';
        };
    /**
     * Format: uuid
     * @description A clip in a library. Never part of a link: links carry the [`ClipKey`].
     */
    ClipId: string;
    /**
     * @description The unguessable part of a clip's link, `/c/<key>`: 128 random bits as 26 lower-case base32 characters. Rotating it
     *     ends every link given out before.
     * @example ia3kx7uizcmg2yobjzcjcn2iwu
     */
    ClipKey: string;
    /** @description One page of clips, newest first. */
    ClipPage: {
      /** @description The clips. */
      clips: components['schemas']['MemberClip'][];
      /** @description Ask with `?after=` this for the next page. */
      next?: string | null;
    };
    /**
     * @description How far a clip has come.
     * @enum {string}
     */
    ClipState: 'recording' | 'arriving' | 'ready' | 'interrupted';
    /** @description What a link shows of a clip. */
    ClipView: {
      /** @description Who recorded it. */
      author: string;
      /** @description For members alone: the author's sign-in name, if another member is called the same or nearly so. */
      author_login?: string | null;
      /** @description Path of its captions (WebVTT), once something was said and it may be watched. */
      captions?: string | null;
      /** @description Path of its chapters (WebVTT), once it has some and may be watched. */
      chapters?: string | null;
      /** @description How much of it is here and plays. */
      duration_us: components['schemas']['Span'];
      /** @description Whether those without an account may reply. */
      guests?: boolean;
      /**
       * Format: int32
       * @description Height of the picture in pixels, 0 until the first bytes are here.
       */
      height: number;
      /** @description Path of the HLS playlist, once something may be played. */
      hls?: string | null;
      /** @description Whether it may be watched while it is being recorded. */
      live: boolean;
      /** @description Path of the whole clip as one MP4, once it is sealed. */
      mp4?: string | null;
      /** @description Path of the poster, once there is one. */
      poster?: string | null;
      /** @description Whether to play HLS even if there is an MP4: of a long clip, whose index alone is large. */
      prefers_hls?: boolean;
      /** @description When the take was begun. */
      recorded_at_us: components['schemas']['UtcMicros'];
      /**
       * Format: int32
       * @description How many replies it has.
       */
      replies: number;
      /**
       * Format: int64
       * @description How many bytes of it are here.
       */
      size_bytes: number;
      /** @description How far it has come. */
      state: components['schemas']['ClipState'];
      /** @description Markdown; may be empty. */
      summary: components['schemas']['Summary'];
      summary_by?: components['schemas']['Origin'] | null;
      /** @description The same as safe HTML. */
      summary_html: string;
      /** @description May be empty. */
      title: components['schemas']['Title'];
      title_by?: components['schemas']['Origin'] | null;
      transcript?: components['schemas']['TranscriptVersion'] | null;
      /**
       * Format: int32
       * @description Width of the picture in pixels, 0 until the first bytes are here.
       */
      width: number;
    };
    /** @description A clip that waits for its bytes. */
    CreatedClip: {
      /** @description For the API; never part of a link. */
      id: components['schemas']['ClipId'];
      /** @description The unguessable part of the link. */
      key: components['schemas']['ClipKey'];
      /** @description The whole link, ready to be sent to somebody. */
      link: string;
      /** @description Path to send the bytes to: `/api/v1/uploads/up_…`. Whoever has it can append, so it is a secret. */
      upload: string;
    };
    /** @description A stretch of speech, a sentence or less. */
    Cue: {
      /** @description Where it ends; after `start_us`. */
      end_us: components['schemas']['Micros'];
      /** @description Where it begins in the clip. */
      start_us: components['schemas']['Micros'];
      /** @description What was said. */
      text: components['schemas']['CueText'];
      /** @description Where each word of `text` (split at white space) begins, where the model says so; else empty. */
      word_starts_us?: components['schemas']['Micros'][];
    };
    /** @description New text for a cue. */
    CueChange: {
      /** @description Which: where it begins. */
      start_us: components['schemas']['Micros'];
      text?: components['schemas']['CueText'] | null;
    };
    /** @description What was said in one cue. */
    CueText: string;
    /**
     * @description What went wrong, for programs. Only codes that somebody reads are listed; the HTTP status belongs to the code.
     * @enum {string}
     */
    ErrorCode:
      | 'bad_request'
      | 'digest_mismatch'
      | 'not_a_stream'
      | 'sign_in_needed'
      | 'password_needed'
      | 'not_allowed'
      | 'not_found'
      | 'offset_mismatch'
      | 'conflict'
      | 'too_large'
      | 'too_many_requests'
      | 'range_not_satisfiable'
      | 'no_space'
      | 'cannot_write'
      | 'damaged'
      | 'internal'
      | 'source_unavailable'
      | 'not_on_this_system'
      | 'unreachable';
    /** @description What can be made of a transcript. */
    Insights: {
      /** @description In order; none if the clip has no clear parts. */
      chapters?: components['schemas']['Chapter'][];
      /** @description Markdown; may be empty. */
      summary?: components['schemas']['Summary'];
      /** @description In the order in which they are said. */
      tasks?: components['schemas']['Task'][];
      /** @description May be empty. */
      title?: components['schemas']['Title'];
    };
    /** @description A few words beside others: who a task is for, a model's name, a language tag. */
    Label: string;
    /** @description What happened in a library, for those who may list it. */
    LibraryEvent:
      | {
          /** @description The clip. */
          clip: components['schemas']['MemberClip'];
          /** @enum {string} */
          event: 'clip';
        }
      | {
          /** @enum {string} */
          event: 'clip_deleted';
          /** @description Which clip. */
          id: components['schemas']['ClipId'];
        };
    /** @description Who the token belongs to, and which library this is. */
    Me: {
      /** @description The library's name. */
      library: string;
      /** @description Their name. */
      name: string;
      /** @description Who. */
      person: components['schemas']['PersonId'];
      /** @description The library's version. */
      version: string;
    };
    /** @description A clip as a member of the library sees it. */
    MemberClip: components['schemas']['ClipView'] & {
      /** @description For the API; never part of a link. */
      id: components['schemas']['ClipId'];
      /** @description The unguessable part of the link. */
      key: components['schemas']['ClipKey'];
      /** @description The whole link. */
      link: string;
      /** @description Whether the viewer recorded it, and may change and delete it. */
      mine?: boolean;
      progress?: components['schemas']['WatchProgress'] | null;
      /** @description Who replied, the last first and each once; at most three. */
      repliers?: components['schemas']['ReplyWriter'][];
      sealed_sha256?: components['schemas']['Sha256'] | null;
      take?: components['schemas']['TakeId'] | null;
    };
    /**
     * Format: int64
     * @description An instant: microseconds since a take, or the clip made of it, began.
     */
    Micros: number;
    /** @description Asks for a clip before anything is recorded. Asking again with the same take gives the same clip and a new upload address. */
    NewClip: {
      /** @description Whether those with the link may watch while it is being recorded. */
      live?: boolean;
      /** @description When the take was begun. */
      recorded_at_us: components['schemas']['UtcMicros'];
      /** @description Markdown; may be empty, and changed at any time. */
      summary?: components['schemas']['Summary'];
      /** @description The take it will come from: makes the request safe to repeat. */
      take: components['schemas']['TakeId'];
      /** @description May be empty, and changed at any time. */
      title?: components['schemas']['Title'];
    };
    /** @description What somebody feels. */
    NewReaction: {
      /** @description The moment; it counts to whole seconds. */
      at_us: components['schemas']['Micros'];
      /** @description What it says. */
      kind: components['schemas']['ReactionKind'];
    };
    /** @description What somebody wants to say. */
    NewReply: {
      anchor?: components['schemas']['Anchor'] | null;
      /** @description Markdown. */
      body: components['schemas']['ReplyBody'];
      name?: components['schemas']['PersonName'] | null;
      parent?: components['schemas']['ReplyId'] | null;
    };
    /** @description Who made a text. */
    Origin:
      | {
          /** @enum {string} */
          by: 'machine';
          /** @description The model or the rules that made it, in the words of the recorder: `whisper-tiny.en`, `extractive`. */
          model: components['schemas']['Label'];
        }
      | {
          /** @enum {string} */
          by: 'person';
        };
    /**
     * Format: uuid
     * @description Somebody with an account in a library.
     */
    PersonId: string;
    /** @description What somebody is called. */
    PersonName: string;
    /** @description A point of the picture, in thousandths of its size, from its top left corner. */
    Point: {
      /**
       * Format: int32
       * @description Thousandths of the width, to the right.
       */
      x: number;
      /**
       * Format: int32
       * @description Thousandths of the height, downwards.
       */
      y: number;
    };
    /** @description A reaction that was just made. */
    PostedReaction: {
      /** @description The reaction. */
      reaction: components['schemas']['Reaction'];
      /**
       * @description For a guest, with their first reaction to the clip: send it as `Vignette-Reply-Secret` to react further and to take
       *     reactions back.
       */
      secret?: string | null;
    };
    /** @description A reply that was just written. */
    PostedReply: {
      /** @description The reply. */
      reply: components['schemas']['Reply'];
      /** @description For a guest: send it as `Vignette-Reply-Secret` to change or delete the reply. */
      secret?: string | null;
    };
    /** @description What a person sees when something did not work: what happened, and what they can do. */
    Problem: {
      /** @description What went wrong, for programs. */
      code: components['schemas']['ErrorCode'];
      /** @description What they can do about it. */
      help: string;
      /** @description What went wrong, in a sentence for people. */
      message: string;
    };
    /** @description What somebody felt at a moment of a clip. */
    Reaction: {
      /** @description The moment: a whole second. */
      at_us: components['schemas']['Micros'];
      /** @description Which reaction. */
      id: components['schemas']['ReactionId'];
      /** @description What it says. */
      kind: components['schemas']['ReactionKind'];
      /** @description Whether whoever asks made it, as a member or by the secret they sent. */
      mine: boolean;
      /** @description Whose it is, if they have an account; guests are not named. */
      name?: string | null;
    };
    /**
     * Format: uuid
     * @description A reaction to a clip.
     */
    ReactionId: string;
    /**
     * @description A kind of reaction: what it says, and the sign that stands for it.
     * @enum {string}
     */
    ReactionKind: 'thumbs_up' | 'heart' | 'clap' | 'laugh' | 'thinking' | 'celebrate';
    /** @description All reactions to a clip, by moment. */
    ReactionList: {
      /** @description The reactions. */
      reactions: components['schemas']['Reaction'][];
    };
    /** @description Words pinned to a moment or a range of a clip. */
    Reply: {
      anchor?: components['schemas']['Anchor'] | null;
      /** @description Markdown. */
      body: components['schemas']['ReplyBody'];
      /** @description The same as safe HTML. */
      body_html: string;
      /** @description When it was written. */
      created_at_us: components['schemas']['UtcMicros'];
      edited_at_us?: components['schemas']['UtcMicros'] | null;
      /** @description Which reply. */
      id: components['schemas']['ReplyId'];
      /** @description For members alone: the writer's sign-in name, if another member is called the same or nearly so. */
      login?: string | null;
      /** @description Whether the writer has an account here, so that the name is theirs. */
      member: boolean;
      /** @description Whether whoever asks may change and delete it. */
      mine: boolean;
      /** @description Who wrote it, in their own words. */
      name: string;
      parent?: components['schemas']['ReplyId'] | null;
    };
    /** @description What a reply says, in Markdown. */
    ReplyBody: string;
    /** @description New words for a reply. */
    ReplyChange: {
      /** @description Markdown. */
      body: components['schemas']['ReplyBody'];
    };
    /**
     * Format: uuid
     * @description A reply to a clip.
     */
    ReplyId: string;
    /** @description To which moment a reply is pinned. */
    ReplyMoment: {
      /** @description The moment, or where its range begins. */
      at_us: components['schemas']['Micros'];
      /** @description Which reply. */
      id: components['schemas']['ReplyId'];
    };
    /**
     * @description One page of replies: threads by the moment of the reply they begin with (those without one last), each reply before its
     *     follow-ups.
     */
    ReplyPage: {
      /** @description On the first page: the moments of all replies that are pinned and follow up none. */
      moments?: components['schemas']['ReplyMoment'][] | null;
      /** @description Ask with `?after=` this for the next page. */
      next?: string | null;
      /** @description The replies. A page may begin with follow-ups to the last reply of the page before. */
      replies: components['schemas']['Reply'][];
    };
    /** @description Who wrote a reply. */
    ReplyWriter: {
      /** @description Whether they have an account here; others are guests. */
      member: boolean;
      /** @description What they are called. */
      name: string;
    };
    /** @description One place where the words of a search stand. */
    SearchHit: {
      at_us?: components['schemas']['Micros'] | null;
      /** @description Who recorded it. */
      author: string;
      by?: components['schemas']['ReplyWriter'] | null;
      /** @description The clip. */
      clip: components['schemas']['ClipId'];
      /** @description The unguessable part of its link. */
      key: components['schemas']['ClipKey'];
      /** @description In what it was found. */
      place: components['schemas']['SearchPlace'];
      /** @description Path of its poster, once there is one. */
      poster?: string | null;
      /** @description When it was begun. */
      recorded_at_us: components['schemas']['UtcMicros'];
      /** @description The text around it, in pieces. */
      snippet: components['schemas']['SnippetPiece'][];
      /** @description Its title; may be empty. */
      title: components['schemas']['Title'];
    };
    /** @description What a search found, best first: `GET /api/v1/search?q=`. */
    SearchPage: {
      /** @description The hits. */
      hits: components['schemas']['SearchHit'][];
    };
    /**
     * @description Where words were found.
     * @enum {string}
     */
    SearchPlace: 'title' | 'summary' | 'cue' | 'reply';
    /**
     * @description A SHA-256 digest. In JSON and in print: 64 lower-case hexadecimal digits.
     * @example e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
     */
    Sha256: string;
    /** @description A line drawn by hand on the picture, from point to point; a frame or an arrow is one too. */
    Shape: {
      /** @description Its points, in order. */
      points: components['schemas']['Point'][];
    };
    /** @description A cue as a reader sees it. */
    ShownCue: components['schemas']['Cue'] & {
      /** @description Whether a person wrote it anew. */
      edited: boolean;
    };
    /** @description A piece of text that matched, or that stands between two that did. */
    SnippetPiece: {
      /** @description Whether it is what was searched for. */
      hit: boolean;
      /** @description The text. */
      text: string;
    };
    /**
     * Format: int64
     * @description A distance between two instants in microseconds: a duration, a wait, a limit. Never negative.
     */
    Span: number;
    /** @description A clip's summary in Markdown; may be empty. */
    Summary: string;
    /**
     * Format: uuid
     * @description A take in the spool of one computer.
     */
    TakeId: string;
    /** @description Something that somebody is to do. */
    Task: {
      /** @description Where in the clip it is said. */
      at_us: components['schemas']['Micros'];
      due?: components['schemas']['Label'] | null;
      owner?: components['schemas']['Label'] | null;
      /** @description What is to be done. */
      text: components['schemas']['TaskText'];
    };
    /** @description What a task asks for. */
    TaskText: string;
    /** @description A clip's title, one line; may be empty. */
    Title: string;
    /** @description A token for the recorder. */
    TokenAnswer: {
      /** @description Send it as `Authorization: Bearer …`. */
      access_token: string;
      /** @description Always `Bearer`. */
      token_type: string;
    };
    /** @description Turns a sign-in code into a token (RFC 6749 §4.1.3 with RFC 7636). */
    TokenRequest: {
      /** @description The code that came back to the loopback address. */
      code: string;
      /** @description The verifier whose SHA-256 was sent as the challenge. */
      code_verifier: string;
      /** @description Always `authorization_code`. */
      grant_type: string;
      /** @description The same address as before. */
      redirect_uri: string;
    };
    /** @description What a person edits in the transcript of their clip: `PATCH /api/v1/clips/{id}/transcript`. What is left out stays. */
    TranscriptChange: {
      /** @description All chapters. */
      chapters?: components['schemas']['Chapter'][] | null;
      /** @description Cues written anew, each in place of the one that begins at the same instant; an empty text takes it out. */
      cues?: components['schemas']['CueChange'][];
      /** @description All tasks. */
      tasks?: components['schemas']['Task'][] | null;
    };
    /** @description All that a machine has made of a clip so far: `PUT /api/v1/clips/{id}/transcript`. The next one replaces it. */
    TranscriptSnapshot: {
      chapters_by?: components['schemas']['Label'] | null;
      /** @description What was said, in order of `start_us`. */
      cues: components['schemas']['Cue'][];
      /** @description Whether the whole clip was heard. */
      done: boolean;
      /** @description What was made of it. */
      insights?: components['schemas']['Insights'];
      /** @description What made the rest: `extractive`, or the name of a language model. */
      insights_by: components['schemas']['Label'];
      language?: components['schemas']['Label'] | null;
      /**
       * Format: int64
       * @description Rises with every snapshot of a take; the library passes over one that is not higher than what it has.
       */
      revision: number;
      /** @description The speech model that made the cues; `file` for the subtitles of a video file. */
      transcribed_by: components['schemas']['Label'];
    };
    /** @description Which version of a clip's transcript there is; another one means that it is worth asking for again. */
    TranscriptVersion: {
      /** @description Whether the whole clip was heard. */
      done: boolean;
      /**
       * Format: int64
       * @description Rises with every change, by machine or person.
       */
      version: number;
    };
    /** @description The transcript of a clip as a reader sees it: `GET /api/v1/c/{key}/transcript`. Title and summary stand in the clip. */
    TranscriptView: {
      /** @description In order. */
      chapters: components['schemas']['Chapter'][];
      chapters_by?: components['schemas']['Origin'] | null;
      /** @description What was said, in order. */
      cues: components['schemas']['ShownCue'][];
      /** @description Whether the whole clip was heard; `false` while more is to come. */
      done: boolean;
      language?: components['schemas']['Label'] | null;
      /** @description In order. */
      tasks: components['schemas']['Task'][];
      tasks_by?: components['schemas']['Origin'] | null;
      transcribed_by?: components['schemas']['Label'] | null;
    };
    /**
     * Format: int64
     * @description Microseconds since 1970-01-01T00:00:00Z: wall time, for rows and for people, never for arithmetic
     *     within a take.
     */
    UtcMicros: number;
    /** @description What a member has watched of a clip. To say it at all says that they have it open. */
    WatchedTo: {
      /** @description Whether they have come to the end; once they have, that stays. */
      finished?: boolean;
      position_us?: components['schemas']['Micros'] | null;
    };
    /** @description How far a member has watched a clip, and what is new in it for them. Nobody else is told. */
    WatchProgress: {
      /** @description Whether they have been at its end. */
      finished: boolean;
      /**
       * Format: int32
       * @description How many replies others have written since they last had it open.
       */
      new_replies: number;
      /** @description Where they were last. */
      position_us: components['schemas']['Micros'];
      /** @description Whether somebody else recorded it and they have not opened it yet. */
      unopened: boolean;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  watch_clip: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: components['schemas']['ClipKey'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The clip */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClipView'];
        };
      };
    };
  };
  clip_events: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: components['schemas']['ClipKey'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description Server-sent events, named by their `event` tag */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': components['schemas']['ClipEvent'];
        };
      };
    };
  };
  put_progress: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: components['schemas']['ClipKey'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['WatchedTo'];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description It is noted */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  list_reactions: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: components['schemas']['ClipKey'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The reactions */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReactionList'];
        };
      };
    };
  };
  post_reaction: {
    parameters: {
      query?: never;
      header?: {
        /** @description What a guest got with their first reaction to the clip */
        'Vignette-Reply-Secret'?: string | null;
      };
      path: {
        key: components['schemas']['ClipKey'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewReaction'];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The reaction */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PostedReaction'];
        };
      };
    };
  };
  delete_reaction: {
    parameters: {
      query?: never;
      header?: {
        /** @description A guest's right to take back their reaction */
        'Vignette-Reply-Secret'?: string | null;
      };
      path: {
        key: components['schemas']['ClipKey'];
        reaction: components['schemas']['ReactionId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description It is gone */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  list_replies: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        after?: string;
        /** @description At most so many, 1 to 50; 50 without it. A page of long replies has fewer. */
        limit?: number;
      };
      header?: never;
      path: {
        key: components['schemas']['ClipKey'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description One page of replies */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReplyPage'];
        };
      };
    };
  };
  post_reply: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: components['schemas']['ClipKey'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewReply'];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The reply */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PostedReply'];
        };
      };
    };
  };
  delete_reply: {
    parameters: {
      query?: never;
      header?: {
        /** @description A guest's right to delete their reply */
        'Vignette-Reply-Secret'?: string | null;
      };
      path: {
        key: components['schemas']['ClipKey'];
        reply: components['schemas']['ReplyId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description It is gone */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  change_reply: {
    parameters: {
      query?: never;
      header?: {
        /** @description A guest's right to change their reply */
        'Vignette-Reply-Secret'?: string | null;
      };
      path: {
        key: components['schemas']['ClipKey'];
        reply: components['schemas']['ReplyId'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ReplyChange'];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The reply as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Reply'];
        };
      };
    };
  };
  get_transcript: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: components['schemas']['ClipKey'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The transcript */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TranscriptView'];
        };
      };
    };
  };
  list_clips: {
    parameters: {
      query?: {
        /** @description `next` of the page before. */
        after?: string;
        /** @description At most so many, 1 to 100; 50 without it. */
        limit?: number;
        /** @description Which of them; all without it. */
        only?: 'all' | 'mine' | 'unread';
        /** @description The one that the requester made of this take. */
        take?: components['schemas']['TakeId'];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description One page of clips */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClipPage'];
        };
      };
    };
  };
  create_clip: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewClip'];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The clip; `Location` is its upload address */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedClip'];
        };
      };
    };
  };
  get_clip: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['schemas']['ClipId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The clip */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MemberClip'];
        };
      };
    };
  };
  delete_clip: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['schemas']['ClipId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description It is gone */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  change_clip: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['schemas']['ClipId'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ClipChange'];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The clip as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MemberClip'];
        };
      };
    };
  };
  rotate_key: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['schemas']['ClipId'];
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The clip with its new link */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MemberClip'];
        };
      };
    };
  };
  put_poster: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['schemas']['ClipId'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'image/jpeg': number[];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The clip as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MemberClip'];
        };
      };
    };
  };
  put_transcript: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['schemas']['ClipId'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['TranscriptSnapshot'];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The library has this transcript, or a newer one */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  edit_transcript: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: components['schemas']['ClipId'];
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['TranscriptChange'];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The transcript as it is now */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TranscriptView'];
        };
      };
    };
  };
  library_events: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description Server-sent events, named by their `event` tag */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': components['schemas']['LibraryEvent'];
        };
      };
    };
  };
  me: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description Who */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Me'];
        };
      };
    };
  };
  search: {
    parameters: {
      query: {
        /** @description At most so many hits, 1 to 50; 20 without it. */
        limit?: number;
        /** @description Words that all have to stand there, the last may be only begun; "in quotes" in this order. At most 200 characters. */
        q: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The hits */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SearchPage'];
        };
      };
    };
  };
  exchange_code: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['TokenRequest'];
        'application/x-www-form-urlencoded': components['schemas']['TokenRequest'];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The token */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TokenAnswer'];
        };
      };
    };
  };
  sign_out: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description It opens nothing any more */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  create_upload: {
    parameters: {
      query?: never;
      header?: {
        /** @description `1.0.0` in tus */
        'Tus-Resumable'?: string | null;
        /** @description In the drafts: `?1` if the content is all there is, else `?0` */
        'Upload-Complete'?: string | null;
        /** @description `1` in tus where the length is not known yet */
        'Upload-Defer-Length'?: string | null;
        /** @description Bytes of the whole stream, if known */
        'Upload-Length'?: number | null;
        /** @description `title` or `filename`, in base64 */
        'Upload-Metadata'?: string | null;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/offset+octet-stream': number[];
      };
    };
    responses: {
      /** @description Refused, and nothing is left of it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The upload has started */
      201: {
        headers: {
          /** @description Where it goes on */
          Location?: string;
          /** @description Bytes of the content that are durable */
          'Upload-Offset'?: number;
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  override_upload: {
    parameters: {
      query?: never;
      header: {
        /** @description `HEAD`, `PATCH` or `DELETE` */
        'X-HTTP-Method-Override': string;
      };
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/offset+octet-stream': number[];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description As by that method */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  end_upload: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The address opens nothing any more */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  upload_status: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description Where it stands; `200` in tus */
      204: {
        headers: {
          /** @description SHA-256 of the stream, once it is sealed */
          'Repr-Digest'?: string;
          /** @description `?1` once nothing follows; not in tus */
          'Upload-Complete'?: string;
          /** @description Bytes of the whole stream, if its sender has said so, or it is complete */
          'Upload-Length'?: number;
          /** @description `max-size=…, max-append-size=…` */
          'Upload-Limit'?: string;
          /** @description Bytes that are durable: where to go on */
          'Upload-Offset'?: number;
          /** @description `damaged` if what is here is not what was sent: keep the recording */
          'Vignette-Upload-Problem'?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  append_upload: {
    parameters: {
      query?: never;
      header: {
        /** @description `sha-256=:…:` of this content */
        'Content-Digest'?: string | null;
        /** @description `sha-256=:…:` of the whole stream, with `Upload-Complete: ?1` */
        'Repr-Digest'?: string | null;
        /** @description In tus: `sha1 …` or `sha256 …` of this content, in base64 */
        'Upload-Checksum'?: string | null;
        /** @description `?1` if nothing follows, else `?0`; not in tus */
        'Upload-Complete'?: string | null;
        /** @description Bytes of the whole stream, if that was not said before */
        'Upload-Length'?: number | null;
        /** @description Offset of the first byte */
        'Upload-Offset': number;
      };
      path: {
        upload: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/partial-upload': number[];
      };
    };
    responses: {
      /** @description Refused */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description The bytes are durable; `201` in the drafts before -06 */
      204: {
        headers: {
          /** @description `?1` once nothing follows; not in tus */
          'Upload-Complete'?: string;
          /** @description Where to go on */
          'Upload-Offset'?: number;
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Another offset is the right one: it is in `Upload-Offset` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
