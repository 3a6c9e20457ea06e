import { Button, FileButton, Group, Text } from '@mantine/core';
import { IconCamera, IconPhotoPlus } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import classes from './people.module.css';
import { hasWebcam, WebcamCapture } from './webcam-capture.tsx';

interface PhotoPickerProps {
  readonly onFiles: (files: readonly File[]) => void;
  readonly disabled?: boolean;
}

/** Takes photos from files, by drag and drop, or from the webcam where there is one. */
export function PhotoPicker({ onFiles, disabled }: PhotoPickerProps) {
  const [over, setOver] = useState(false);
  const [filming, setFilming] = useState(false);

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!disabled && event.dataTransfer.files.length > 0) onFiles([...event.dataTransfer.files]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping files is one way more; the button inside does the same by keyboard
    <div
      className={classes.picker}
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group gap="sm" justify="center">
        <FileButton onChange={onFiles} accept="image/*" multiple inputProps={{ 'aria-label': 'Photos' }}>
          {(props) => (
            <Button
              {...props}
              variant="light"
              disabled={disabled}
              leftSection={<IconPhotoPlus size={18} aria-hidden />}
            >
              Choose photos
            </Button>
          )}
        </FileButton>
        {hasWebcam() && !filming && (
          <Button
            variant="default"
            disabled={disabled}
            leftSection={<IconCamera size={18} aria-hidden />}
            onClick={() => setFilming(true)}
          >
            Use the webcam
          </Button>
        )}
      </Group>
      <Text size="sm" className="lk-soft" ta="center">
        or drop them here. One person to a photo, from the front; two or three in different light are best.
      </Text>
      {filming && <WebcamCapture onPhoto={(photo) => onFiles([photo])} onClose={() => setFilming(false)} />}
    </div>
  );
}
