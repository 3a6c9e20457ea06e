import { Alert, Button, Group } from '@mantine/core';
import { IconAlertTriangle, IconCamera } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import classes from './people.module.css';

/** Whether this browser lets this page film: only over https or on the same machine. */
export function hasWebcam(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === 'function';
}

interface WebcamCaptureProps {
  readonly onPhoto: (photo: File) => void;
  readonly onClose: () => void;
}

/** The webcam's picture, mirrored as people know themselves; photos are taken unmirrored. */
export function WebcamCapture({ onPhoto, onClose }: WebcamCaptureProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [taken, setTaken] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  const [ready, setReady] = useState(false);

  useEffect(() => {
    let stream: MediaStream | null = null;
    let closed = false;
    const start = async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, facingMode: 'user' } });
        if (closed) stopTracks(stream);
        else if (video.current) video.current.srcObject = stream;
      } catch (error) {
        setProblem(webcamProblem(error));
      }
    };
    void start();
    return () => {
      closed = true;
      stopTracks(stream);
    };
  }, []);

  const take = async () => {
    if (!video.current) return;
    const photo = await photoOf(video.current, `webcam-${taken + 1}.jpg`);
    if (!photo) return;
    setTaken(taken + 1);
    onPhoto(photo);
  };
  if (problem !== null) {
    return (
      <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="No picture from the webcam" role="alert">
        {problem}
      </Alert>
    );
  }
  return (
    <div className={classes.webcam}>
      <video
        ref={video}
        autoPlay
        playsInline
        muted
        onPlaying={() => setReady(true)}
        aria-label="Picture of the webcam"
      />
      <Group gap="sm" justify="center">
        <Button leftSection={<IconCamera size={18} aria-hidden />} disabled={!ready} onClick={take}>
          {taken === 0 ? 'Take a photo' : 'Take another photo'}
        </Button>
        <Button variant="default" onClick={onClose}>
          Switch the webcam off
        </Button>
      </Group>
    </div>
  );
}

async function photoOf(video: HTMLVideoElement, name: string): Promise<File | null> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92));
  return blob && new File([blob], name, { type: 'image/jpeg', lastModified: Date.now() });
}

function stopTracks(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function webcamProblem(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
      return 'The browser was not allowed to film. Allow it beside the address of this page, or choose photos instead.';
    case 'NotFoundError':
      return 'No webcam was found. Connect one, or choose photos instead.';
    case 'NotReadableError':
      return 'Another program uses the webcam. Close it, or choose photos instead.';
    default:
      return 'The webcam could not be started. Choose photos instead.';
  }
}
