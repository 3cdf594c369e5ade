import { IncomingMessage } from 'node:http'

/**
 * A request of a `node:http` server whose body may be taken past the stream that it is.
 *
 * A stream buffers each part and tells of it in a later tick, and of its end in another: for a body that has come whole, as nearly all do, that costs as much
 * as judging the event in it.
 */
export class DirectRequest extends IncomingMessage {
  declare private taker: ((part: Buffer | null) => void) | undefined

  /** Hands on each part as it comes, then null at the end. To be called as the request arrives, in place of reading it as a stream. */
  takeBody(take: (part: Buffer | null) => void): void {
    this.taker = take
    this.read(0) // says that somebody reads, or Node would discard the body after the answer
  }

  /** What Node's parser calls with each part of the body. */
  override push(part: Buffer | null, encoding?: BufferEncoding): boolean {
    if (!this.taker) return super.push(part, encoding)
    this.taker(part)
    return true
  }
}
