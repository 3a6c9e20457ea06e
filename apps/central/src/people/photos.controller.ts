import {
  type EnrolEventRequest,
  type EnrolmentResponse,
  type EnrolQuery,
  enrolEventRequest,
  enrolmentResponse,
  enrolQuery,
  type PhotoView,
  uuid,
} from '@latchkey/contracts';
import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  Inject,
  Param,
  Post,
  Query,
  StreamableFile,
  UploadedFiles,
  UseInterceptors,
} from '@nestjs/common';
import { FilesInterceptor } from '@nestjs/platform-express';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { Roles } from '../auth/signed-in.ts';
import type { Page } from '../http/paging.ts';
import { maxPictures, uploadedPicture } from '../http/uploads.ts';
import { EnrolmentService } from './enrolment.service.ts';
import { EventEnrolment } from './event-enrolment.ts';
import { noneAcceptedSchema, photoPage, photosBody } from './people.dto.ts';
import { PhotoIntake } from './photo-intake.ts';

/** Photos and faces of people. */
@ApiTags('people')
@Controller('people/:id')
export class PhotosController {
  constructor(
    @Inject(PhotoIntake) private readonly photos: PhotoIntake,
    @Inject(EnrolmentService) private readonly enrolment: EnrolmentService,
    @Inject(EventEnrolment) private readonly events: EventEnrolment,
  ) {}

  /**
   * Enrols from pictures of one face each; one result a picture, in order. Faces that are like those of another person, or
   * unlike the person's own, are refused unless the query says that this is known.
   */
  @Post('photos')
  @Roles('enroller')
  @UseInterceptors(FilesInterceptor('photos', maxPictures))
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: photosBody })
  @ApiCreatedResponse({ standardSchema: enrolmentResponse })
  @ApiUnprocessableEntityResponse({ standardSchema: noneAcceptedSchema, description: 'No picture was accepted.' })
  enrol(
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: enrolQuery }) { acceptDespite = [] }: EnrolQuery,
    @UploadedFiles() files: Express.Multer.File[] | undefined,
  ): Promise<EnrolmentResponse> {
    return this.photos.enrol(id, (files ?? []).map(uploadedPicture), [acceptDespite].flat());
  }

  /** A person's photos, oldest first. */
  @Get('photos')
  @ApiOkResponse({ standardSchema: photoPage })
  async list(@Param('id', { schema: uuid }) id: string): Promise<Page<PhotoView>> {
    return { items: await this.photos.list(id), nextCursor: null };
  }

  /** One photo, as JPEG. */
  @Get('photos/:photoId')
  @Header('Content-Type', 'image/jpeg')
  @Header('Cache-Control', 'private, no-cache')
  @ApiOkResponse({ content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } } })
  async jpeg(
    @Param('id', { schema: uuid }) id: string,
    @Param('photoId', { schema: uuid }) photoId: string,
  ): Promise<StreamableFile> {
    return new StreamableFile(await this.photos.jpeg(id, photoId));
  }

  /** Deletes a photo and the encoding that was made from it. */
  @Delete('photos/:photoId')
  @Roles('enroller')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  remove(
    @Param('id', { schema: uuid }) id: string,
    @Param('photoId', { schema: uuid }) photoId: string,
  ): Promise<void> {
    return this.enrolment.removePhoto(id, photoId);
  }

  /** Enrols the face of an unknown event, by the same rules as photos. */
  @Post('faces')
  @Roles('enroller')
  @ApiCreatedResponse({ standardSchema: enrolmentResponse })
  enrolEvent(
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: enrolQuery }) { acceptDespite = [] }: EnrolQuery,
    @Body({ schema: enrolEventRequest }) body: EnrolEventRequest,
  ): Promise<EnrolmentResponse> {
    return this.events.enrol(id, body.eventId, [acceptDespite].flat());
  }
}
